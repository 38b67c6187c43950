"""Curves, summaries, tests and models as they may be shown.

Belongs here: tables of estimates, withheld where they rest on few people. Does not belong here:
tables of counts (release_counts.py), quality of life (release_quality_of_life.py).
"""

from __future__ import annotations

import pandas as pd

from analyses.disclosure.counts import is_small
from analyses.disclosure.curves import disclosed_curve
from analyses.disclosure.study_counts import StudyCounts

_LIMITS = ["std_error", "ci_lower", "ci_upper"]


def curve(rows: pd.DataFrame, exact: StudyCounts) -> pd.DataFrame:
    """survival_curve or cumulative_incidence: the disclosure-controlled curve."""
    shown = disclosed_curve(rows, exact.k, horizons=exact.horizons())
    return shown.reindex(columns=rows.columns)


def survival_summary(rows: pd.DataFrame, exact: StudyCounts) -> pd.DataFrame:
    """Summaries: nothing of few people or events, and no survival that the shown curve has not.

    A median, a restricted mean and a follow-up median rest on everybody and are kept. n is withheld
    when it differs from the size of the stratum by few.
    """
    shown = rows.reset_index(drop=True)
    sizes = [
        exact.stratum_size(*key) for key in zip(shown["study_id"], shown["stratum"], strict=True)
    ]
    n, n_event = (shown[name].astype("float64") for name in ("n", "n_event"))
    few_people = n.between(0, exact.k, inclusive="neither")
    few_events = n_event.between(0, exact.k, inclusive="neither")
    few_censored = (n - n_event).between(0, exact.k, inclusive="neither")
    near = pd.Series(
        [
            of is not None and exact.differs_little(one, of)
            for one, of in zip(n, sizes, strict=True)
        ],
        index=shown.index,
        dtype=bool,
    )
    follow_up = shown["statistic"] == "follow_up_median"
    hide = few_people | (few_events & ~follow_up) | (few_censored & follow_up)
    hide |= (shown["statistic"] == "survival_at") & ~_on_shown_curve(shown, exact)
    return shown.assign(
        n=shown["n"].mask(few_people | near),
        n_event=shown["n_event"].mask(few_people | few_events | few_censored),
        **{name: shown[name].mask(hide) for name in ("value", *_LIMITS)},
    )


def _on_shown_curve(rows: pd.DataFrame, exact: StudyCounts) -> pd.Series:
    """Whether each row's value is that of the shown curve at its horizon: no event in between."""
    steps = curve(exact.tables["survival_curve"], exact)
    keys = ["study_id", "endpoint", "adjustment", "stratum"]
    curves = {key: group for key, group in steps.groupby(keys)}  # noqa: C416 - typed pairs
    found = []
    for row in rows.itertuples():
        group = curves.get((row.study_id, row.endpoint, row.adjustment, row.stratum))
        reached = 1.0
        if group is not None and (group["time_days"] <= row.horizon_days).any():
            reached = group.loc[group["time_days"] <= row.horizon_days, "survival"].iloc[-1]
        found.append(reached == row.value)
    return pd.Series(found, index=rows.index, dtype=bool)


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
    shown = rows.assign(**{name: rows[name].mask(hide) for name in [*estimates, "n_event"]})
    told = [
        key in exact.few_censored() for key in zip(rows["study_id"], rows["endpoint"], strict=True)
    ]
    told_events = pd.Series(told, index=rows.index, dtype=bool) | of_states
    shown["n_event"] = shown["n_event"].mask(told_events)
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
