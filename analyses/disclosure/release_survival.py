"""Contrasts, quantiles, bands, courses, landmarks and subgroups as they may be shown.

Belongs here: the tables of analyses.results.survival_tables. Does not belong here: curves,
summaries and models (release_estimates.py).
"""

from __future__ import annotations

import pandas as pd

from analyses.disclosure.counts import is_small
from analyses.disclosure.curves import disclosed_curve
from analyses.disclosure.release_estimates import curve
from analyses.disclosure.study_counts import StudyCounts

_LIMITS = ["std_error", "ci_lower", "ci_upper"]


def contrast(rows: pd.DataFrame, exact: StudyCounts) -> pd.DataFrame:
    """As comparison_test: nothing of strata of few people or events, no difference of survival."""
    few = {(study_id, endpoint) for study_id, endpoint, _ in exact.few()}
    hide = _pairs(rows, few) | (rows["contrast"] == "survival_difference")
    numbers = ["estimate", *_LIMITS, "p_value"]
    return rows.assign(**{name: rows[name].mask(hide) for name in numbers})


def quantile(rows: pd.DataFrame, exact: StudyCounts) -> pd.DataFrame:
    """Quantiles by which k people or more had the event: a quarter of few is one of few."""
    n = rows["n"].astype("float64")
    reached = n * rows["probability"].astype("float64")
    hide = (reached < exact.k) | rows["n_event"].map(lambda one: is_small(one, exact.k)).astype(
        bool
    )
    few_censored = (n - rows["n_event"].astype("float64")).between(0, exact.k, inclusive="neither")
    near = _near_the_stratum(rows, exact)
    shown = rows.assign(**{c: rows[c].mask(hide) for c in ("time_days", "ci_lower", "ci_upper")})
    return shown.assign(
        n=rows["n"].mask((n < exact.k) | near), n_event=rows["n_event"].mask(hide | few_censored)
    )


def band(rows: pd.DataFrame, exact: StudyCounts) -> pd.DataFrame:
    """The edges at the steps of the shown curve; the critical value would tell the first step."""
    keys = ["study_id", "endpoint", "analysis_set", "adjustment", "stratum", "time_days"]
    steps = curve(exact.tables["survival_curve"], exact)[keys]
    shown = rows.merge(steps, on=keys, how="inner")
    return shown.assign(critical_value=float("nan"))[list(rows.columns)]


def state_probability(rows: pd.DataFrame, exact: StudyCounts) -> pd.DataFrame:
    """Probabilities at the horizons of state_time, in strata without a small move.

    Between two shown horizons no state may have changed by fewer than k people, and not by some
    either: the probability times the people of the stratum stands for how many. Numbers at risk and
    of moves are withheld.
    """
    sizes = exact.tables["state_time"].groupby(["study_id", "stratum"])["n"].max()
    small = _small_courses(exact)
    horizons = exact.tables["state_time"].groupby("study_id")["horizon_days"].unique()
    kept = []
    for (study_id, stratum), group in rows.groupby(["study_id", "stratum"], sort=False):
        if (study_id, stratum) in small or sizes.get((study_id, stratum), 0) < exact.k:
            continue
        before: pd.Series | None = None
        for horizon in sorted(horizons.get(study_id, [])):
            at = group[group["time_days"] <= horizon].groupby("state", sort=False).tail(1)
            if at.empty or group["time_days"].max() < horizon:
                continue
            people = at.set_index("state")["probability"] * sizes[(study_id, stratum)]
            changes = (people if before is None else people - before).abs().round()
            if changes.map(lambda change: is_small(change, exact.k)).any():
                continue
            before = people
            kept.append(at.assign(time_days=float(horizon)))
    shown = pd.concat(kept, ignore_index=True) if kept else rows.iloc[:0]
    return shown.assign(n_at_risk=pd.NA, n_event=pd.NA)


def state_time(rows: pd.DataFrame, exact: StudyCounts) -> pd.DataFrame:
    """Mean times, withheld in a stratum of few people or with a small move."""
    hide = _in_courses(rows, _small_courses(exact)) | (rows["n"].astype("float64") < exact.k)
    near = _near_the_stratum(rows, exact)
    shown = rows.assign(**{name: rows[name].mask(hide) for name in ["mean_days", *_LIMITS]})
    return shown.assign(n=rows["n"].mask(hide | near))


def state_transition(rows: pd.DataFrame, exact: StudyCounts) -> pd.DataFrame:
    """Numbers of moves, all withheld in a stratum with a small one: they add up along a course."""
    return rows.assign(n=rows["n"].mask(_in_courses(rows, _small_courses(exact))))


def landmark_curve(rows: pd.DataFrame, exact: StudyCounts) -> pd.DataFrame:
    """The disclosure-controlled curves of groups of k people or more.

    A Simon-Makuch curve has people come in: its risk sets are withheld as all are.
    """
    return disclosed_curve(rows, exact.k).reindex(columns=rows.columns)


def subgroup(rows: pd.DataFrame, exact: StudyCounts) -> pd.DataFrame:
    """Effects, withheld with their counts where a level has few people, events or survivors, and
    for the whole variable then: the others and the total would tell the level."""
    n, n_event = rows["n"].astype("float64"), rows["n_event"].astype("float64")
    small = pd.Series(False, index=rows.index)
    for count in (n, n_event, n - n_event):
        small |= count.map(lambda one: is_small(one, exact.k)).astype(bool)
    keys = ["study_id", "endpoint", "variable"]
    hide = small.groupby([rows[key] for key in keys]).transform("any")
    hide |= _pairs(rows, {(study_id, endpoint) for study_id, endpoint, _ in exact.few()})
    estimates = ["hazard_ratio", *_LIMITS, "p_value", "interaction_p_value", "n", "n_event"]
    return rows.assign(**{name: rows[name].mask(hide) for name in estimates})


def _near_the_stratum(rows: pd.DataFrame, exact: StudyCounts) -> pd.Series:
    """Whether n differs from the size of the stratum by few people, whom it would tell."""
    keys = zip(rows["study_id"], rows["stratum"], strict=True)
    sizes = [exact.stratum_size(*key) for key in keys]
    found = [
        size is not None and exact.differs_little(float(n), size)
        for n, size in zip(rows["n"], sizes, strict=True)
    ]
    return pd.Series(found, index=rows.index, dtype=bool)


def _pairs(rows: pd.DataFrame, of: set[tuple[str, str]]) -> pd.Series:
    pairs = zip(rows["study_id"], rows["endpoint"], strict=True)
    return pd.Series([pair in of for pair in pairs], index=rows.index, dtype=bool)


def _in_courses(rows: pd.DataFrame, of: set[tuple[str, str]]) -> pd.Series:
    pairs = zip(rows["study_id"], rows["stratum"], strict=True)
    return pd.Series([pair in of for pair in pairs], index=rows.index, dtype=bool)


def _small_courses(exact: StudyCounts) -> set[tuple[str, str]]:
    """(study_id, stratum) in which some move is of few people."""
    moves = exact.tables["state_transition"]
    small = moves[moves["n"].map(lambda one: is_small(one, exact.k)).astype(bool)]
    return set(zip(small["study_id"], small["stratum"], strict=True))
