"""Courses through states and subgroups as they may be shown.

Belongs here: state_probability, state_time, state_transition, subgroup. Does not belong here:
curves and what is read from them (release_curves.py), tests and models (release_estimates.py).
"""

from __future__ import annotations

import pandas as pd

from analyses.disclosure.counts import is_small, whole_steps
from analyses.disclosure.precision import on_grid
from analyses.disclosure.release_curves import near_the_stratum
from analyses.disclosure.study_counts import StudyCounts

_LIMITS = ["std_error", "ci_lower", "ci_upper"]


def state_probability(rows: pd.DataFrame, exact: StudyCounts) -> pd.DataFrame:
    """Probabilities at the horizons of state_time, in strata without a small move.

    Between two shown horizons no state may have changed by fewer than k people, and not by some
    either: the probability times the people of the stratum stands for how many. Probabilities are
    shown as finely as one person changes them, or coarser; numbers at risk and of moves are
    withheld.
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
            one = pd.Series(1 / float(sizes[(study_id, stratum)]), index=at.index)
            estimates = {name: on_grid(at[name], one) for name in ("probability", *_LIMITS)}
            kept.append(at.assign(time_days=float(horizon), **estimates))
    shown = pd.concat(kept, ignore_index=True) if kept else rows.iloc[:0]
    return shown.assign(n_at_risk=pd.NA, n_event=pd.NA)


def state_time(rows: pd.DataFrame, exact: StudyCounts) -> pd.DataFrame:
    """Mean times, withheld in a stratum of few people or with a small move; as finely as one
    person who is in the state all the time, or never, changes them."""
    hide = _in_courses(rows, _small_courses(exact)) | (rows["n"].astype("float64") < exact.k)
    near = near_the_stratum(rows, exact)
    one = rows["horizon_days"].astype("float64") / rows["n"].astype("float64").clip(lower=1)
    estimates = ["mean_days", *_LIMITS]
    shown = rows.assign(**{name: on_grid(rows[name], one).mask(hide) for name in estimates})
    return shown.assign(n=rows["n"].mask(hide | near))


def state_transition(rows: pd.DataFrame, exact: StudyCounts) -> pd.DataFrame:
    """Numbers of moves, all withheld in a stratum with a small one: they add up along a course."""
    return rows.assign(n=rows["n"].mask(_in_courses(rows, _small_courses(exact))))


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
    estimates = ["hazard_ratio", *_LIMITS, "p_value", "interaction_p_value", "n"]
    shown = rows.assign(**{name: rows[name].mask(hide) for name in estimates})
    return shown.assign(n_event=whole_steps(rows["n_event"], exact.k).mask(hide))


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
