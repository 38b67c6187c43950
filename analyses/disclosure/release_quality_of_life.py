"""Quality of life as it may be shown: curves, changes, patterns, sensitivity, QALYs.

Belongs here: the rules of these tables. Does not belong here: completion, which is counts alone
(release_counts.py), and the rules on counts (counts.py).
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from analyses.disclosure.counts import Relation, is_small, withheld
from analyses.disclosure.release_counts import completion
from analyses.disclosure.study_counts import StudyCounts

_LIMITS = ["std_error", "ci_lower", "ci_upper"]
_DEATH = "death"


def curve(rows: pd.DataFrame, exact: StudyCounts) -> pd.DataFrame:
    """Means of k people or more; numbers withheld when they, or who is missing, are few.

    With the means of the living the composite tells survival, and that of the survivors the dead:
    they are shown at visits before which nobody or k people died, since the last one shown.
    """
    k = exact.k
    completed, expected = (rows[name].astype("float64") for name in ("n_completed", "n_expected"))
    few, few_missing = completed < k, _few_missing(rows, k)
    estimates = ["mean", *_LIMITS]
    hide = few | ~_deaths_may_be_told(rows, exact)
    shown = rows.assign(**{name: rows[name].mask(hide) for name in estimates})
    small = completed.between(0, k, inclusive="neither")
    few_expected = expected.between(0, k, inclusive="neither")
    return shown.assign(
        n_completed=rows["n_completed"].mask(small | few_missing),
        n_expected=rows["n_expected"].mask(few_expected),
    )


def _few_missing(rows: pd.DataFrame, k: int) -> pd.Series:
    """Where the numbers expected and completed would tell a few without a score."""
    completed, expected = (rows[name].astype("float64") for name in ("n_completed", "n_expected"))
    return (expected - completed).between(0, k, inclusive="neither")


def _told_by(rows: pd.DataFrame, exact: StudyCounts, stratum: str = "stratum") -> pd.Series:
    """Where a number of people with a score is the one that the curve withholds."""
    keys = ["study_id", "instrument", "scale", "stratum", "visit"]
    means = exact.tables["quality_of_life_curve"]
    hidden = set(means.loc[_few_missing(means, exact.k), keys].itertuples(index=False, name=None))
    columns = [stratum if key == "stratum" else key for key in keys]
    cells = rows[columns].itertuples(index=False, name=None)
    return pd.Series([cell in hidden for cell in cells], index=rows.index, dtype=bool)


def _deaths_may_be_told(rows: pd.DataFrame, exact: StudyCounts) -> pd.Series:
    """Where an estimate does not count deaths, or those it would tell are none or k."""
    may = pd.Series(True, index=rows.index)
    with_deaths = rows[rows["method"].isin(["composite", "survivors"])]
    if with_deaths.empty:
        return may
    forms = exact.tables["completion"]
    keys = ["study_id", "instrument", "stratum", "visit"]
    dead = forms[forms["reason"] == _DEATH].set_index(keys)["n_fixed"].to_dict()
    groups = ["study_id", "instrument", "scale", "stratum", "method"]
    for (study_id, instrument, _, stratum, method), group in with_deaths.groupby(groups):
        told = 0
        of = group.sort_values("time_days", ascending=method == "composite")
        for row, visit in of["visit"].items():
            number = int(dead.get((study_id, instrument, stratum, visit), 0))
            may[row] = not is_small(abs(number - told), exact.k)
            told = number if may[row] and method == "composite" else told
        if method == "survivors":
            # Of one group of people at every visit: shown whole or not at all.
            may[group.index] = bool(may[of.index[:1]].all())
    return may


def change(rows: pd.DataFrame, k: int) -> pd.DataFrame:
    """quality_of_life_change: the three shares add up to n, so a small one takes all three."""
    shares = ["n_improved", "n_stable", "n_deteriorated"]
    shown = _of_few(rows, rows["n"], ["mean_change"], k)
    small = _any_small(rows, ["n", *shares], k)
    return shown.assign(**{name: rows[name].mask(small) for name in shares})


def qaly(rows: pd.DataFrame, k: int) -> pd.DataFrame:
    """qaly: the people one method leaves out follow from the other's number, so few take both."""
    shown = _of_few(rows, rows["n"], ["qaly"], k)
    keys = ["study_id", "instrument", "scale", "stratum", "horizon_days", "discount_rate"]
    numbers = rows["n"].astype("float64").groupby([rows[key] for key in keys])
    near = (numbers.transform("max") - rows["n"].astype("float64")).map(lambda n: is_small(n, k))
    return shown.assign(n=shown["n"].mask(near.astype(bool)))


def difference(rows: pd.DataFrame, exact: StudyCounts) -> pd.DataFrame:
    """quality_of_life_difference: of k people or more in both groups."""
    k = exact.k
    fewest = rows[["n", "n_reference"]].astype("float64").min(axis=1)
    estimates = ["difference", "degrees_of_freedom", "p_value"]
    shown = _of_few(rows, fewest, estimates, k)
    told = {"n": "stratum", "n_reference": "reference"}
    return shown.assign(
        **{
            n: rows[n].mask(_any_small(rows, [n], k) | _told_by(rows, exact, group))
            for n, group in told.items()
        }
    )


def sensitivity(rows: pd.DataFrame, exact: StudyCounts) -> pd.DataFrame:
    """quality_of_life_sensitivity: its shift by delta tells how many are missing."""
    k = exact.k
    tells = rows["method"].isin(["delta_adjusted", "tipping_point"])
    few_missing = _any_small(rows, ["n_missing"], k)
    hide = (rows["n"].astype("float64") < k) | (tells & few_missing)
    shown = rows.assign(**{name: rows[name].mask(hide) for name in ("value", *_LIMITS)})
    tip = hide & (rows["method"] == "tipping_point")
    return shown.assign(
        delta=rows["delta"].mask(tip),
        n=rows["n"].mask(_any_small(rows, ["n"], k) | _told_by(rows, exact)),
        n_missing=rows["n_missing"].mask(few_missing),
    )


def pattern(rows: pd.DataFrame, exact: StudyCounts) -> pd.DataFrame:
    """quality_of_life_pattern: the patterns of a stratum add up to it, those at a visit too."""
    k = exact.k
    rows = rows.reset_index(drop=True)
    shown = _of_few(rows, rows["n_completed"], ["mean"], k).reset_index(drop=True)
    shown[["n", "n_completed"]] = rows[["n", "n_completed"]].to_numpy()
    of_stratum = ["study_id", "instrument", "scale", "stratum"]
    for _, group in shown.groupby(of_stratum, sort=False):
        patterns = group.groupby(["last_visit", "ended_by"], sort=False)
        sizes = np.array([float(of["n"].iloc[0]) for _, of in patterns])
        hidden = withheld(sizes, [Relation(tuple(range(len(sizes))))], k)
        for (_, of), hide in zip(patterns, hidden, strict=True):
            if hide:
                shown.loc[of.index, ["n", "n_completed", "mean", *_LIMITS]] = np.nan
        for _, visit in group.groupby("visit", sort=False):
            counts = rows["n_completed"].astype("float64").fillna(0).to_numpy()[visit.index]
            hide_at = withheld(counts, [Relation(tuple(range(len(counts))))], k)
            at = visit.index[hide_at]
            shown.loc[at, ["n_completed", "mean", *_LIMITS]] = np.nan
    return shown.assign(n_completed=shown["n_completed"].mask(_told_by(rows, exact)))


def z_score(rows: pd.DataFrame, exact: StudyCounts) -> pd.DataFrame:
    """quality_of_life_z_score: of k people or more; few low ones are not told."""
    k = exact.k
    shown = _of_few(rows, rows["n"], ["mean_z"], k)
    high = rows["n"].astype("float64") - rows["n_low"].astype("float64")
    told = _any_small(rows, ["n", "n_low"], k) | high.map(lambda n: is_small(n, k)).astype(bool)
    without = _any_small(rows, ["n_without_norm"], k) | _told_by(rows, exact)
    return shown.assign(
        n=shown["n"].mask(without),
        n_low=rows["n_low"].mask(told),
        n_without_norm=rows["n_without_norm"].mask(without),
    )


def item_completion(rows: pd.DataFrame, exact: StudyCounts) -> pd.DataFrame:
    """item_completion: of k forms or more; few incomplete or unscored forms are not told.

    The forms received are not told where completion withholds how many were completed. The share of
    one item tells how many answered it, and that of all items, which has few blanks in it, how many
    forms have one.
    """
    k = exact.k
    n = rows["n_forms"].astype("float64")
    told = _withheld_by_completion(rows, exact)
    shown = rows.assign(
        n_forms=rows["n_forms"].mask(_any_small(rows, ["n_forms"], k) | told),
        items_answered=rows["items_answered"].mask(n < k),
    )
    for name in ("n_complete", "n_scored"):
        rest = (n - rows[name].astype("float64")).map(lambda count: is_small(count, k))
        shown[name] = rows[name].mask(
            told | (n < k) | _any_small(rows, [name], k) | rest.astype(bool)
        )
    return shown.assign(items_answered=shown["items_answered"].mask(shown["n_complete"].isna()))


def _withheld_by_completion(rows: pd.DataFrame, exact: StudyCounts) -> pd.Series:
    """Where the completion of a visit is released without its number completed."""
    forms = exact.tables["completion"]
    keys = ["study_id", "instrument", "stratum", "visit"]
    hidden: set[tuple[str, ...]] = set()
    for _, study in forms.groupby("study_id", sort=False):
        shown = completion(study, exact.k)
        totals = shown[shown["reason"].isna() & shown["n_completed"].isna()]
        hidden |= set(totals[keys].itertuples(index=False, name=None))
    cells = rows[keys].itertuples(index=False, name=None)
    return pd.Series([cell in hidden for cell in cells], index=rows.index, dtype=bool)


def _of_few(rows: pd.DataFrame, n: pd.Series, estimates: list[str], k: int) -> pd.DataFrame:
    """Estimates of fewer than k people withheld, and their number where it is not 0."""
    few = n.astype("float64") < k
    shown = rows.assign(**{name: rows[name].mask(few) for name in [*estimates, *_LIMITS]})
    if "n" not in rows.columns:
        return shown
    return shown.assign(n=rows["n"].mask(_any_small(rows, ["n"], k)))


def _any_small(rows: pd.DataFrame, names: list[str], k: int) -> pd.Series:
    numbers = rows[names].astype("float64")
    return ((numbers > 0) & (numbers < k)).any(axis=1)
