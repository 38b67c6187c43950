"""Tests and models as they may be shown.

Belongs here: tables of estimates, withheld where they rest on few people. Does not belong here:
curves and what is read from them (release_curves.py), tables of counts (release_counts.py),
quality of life (release_quality_of_life.py).
"""

from __future__ import annotations

import pandas as pd

from analyses.disclosure.counts import is_small, whole_steps
from analyses.disclosure.study_counts import StudyCounts

_LIMITS = ["std_error", "ci_lower", "ci_upper"]


def comparison_test(rows: pd.DataFrame, exact: StudyCounts) -> pd.DataFrame:
    """Tests, withheld where a stratum has few people or events.

    A difference of survival is withheld always: with one stratum's survival shown, it would tell
    the other's where that one is withheld.
    """
    hide = _rests_on_few(rows, exact)
    hide |= rows["test"].astype(str).str.startswith("survival_difference")
    hide |= rows["stratify_by"].astype(str).str.contains(" at day ") & ~_told_by_states(rows, exact)
    return rows.assign(
        statistic=rows["statistic"].mask(hide),
        p_value=rows["p_value"].mask(hide),
    )


def hazard_ratio(rows: pd.DataFrame, exact: StudyCounts) -> pd.DataFrame:
    """Models, withheld where a stratum or the model has few people or events."""
    hide = _rests_on_few(rows, exact)
    hide |= rows["n_event"].map(lambda n: is_small(n, exact.k)).astype(bool)
    # Models of a later state: who left before a landmark would follow from the numbers.
    of_states = rows["model"].astype(str).str.contains("landmark|time_dependent")
    hide |= of_states & ~_told_by_states(rows, exact)
    whole = rows["study_id"].map(exact.patients)
    near = [exact.differs_little(n, of) for n, of in zip(rows["n"], whole, strict=True)]
    estimates = ["hazard_ratio", *_LIMITS, "p_value", "ph_p_value"]
    shown = rows.assign(**{name: rows[name].mask(hide) for name in estimates})
    told = [
        key in exact.few_censored() for key in zip(rows["study_id"], rows["endpoint"], strict=True)
    ]
    told_events = pd.Series(told, index=rows.index, dtype=bool) | of_states
    shown["n_event"] = whole_steps(rows["n_event"], exact.k).mask(hide | told_events)
    told_people = pd.Series(near, index=rows.index, dtype=bool) | of_states
    return shown.assign(n=rows["n"].mask(hide | told_people))


def _told_by_states(rows: pd.DataFrame, exact: StudyCounts) -> pd.Series:
    told = exact.told_by_states()
    pairs = zip(rows["study_id"], rows["endpoint"], strict=True)
    return pd.Series([pair in told for pair in pairs], index=rows.index, dtype=bool)


def _rests_on_few(rows: pd.DataFrame, exact: StudyCounts) -> pd.Series:
    few = exact.few()
    pairs = zip(rows["study_id"], rows["endpoint"], rows["cause"], strict=True)
    found = [
        (study_id, endpoint, None if pd.isna(cause) else cause) in few
        for study_id, endpoint, cause in pairs
    ]
    return pd.Series(found, index=rows.index, dtype=bool)
