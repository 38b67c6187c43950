"""Rates and numbers of events as they may be shown.

Belongs here: which rates, steps and ratios are withheld. Does not belong here: cumulative incidence
(release_estimates.py), rules on counts (counts.py).
"""

from __future__ import annotations

import pandas as pd

from analyses.disclosure.counts import is_small, whole_steps
from analyses.disclosure.curves import disclosed_curve
from analyses.disclosure.precision import on_grid, significant
from analyses.disclosure.release_curves import near_the_stratum
from analyses.disclosure.study_counts import StudyCounts

_KEYS = ["study_id", "stratum", "event_type"]


def incidence_rate(rows: pd.DataFrame, exact: StudyCounts) -> pd.DataFrame:
    """Rates of enough people with, and enough without, the event; the counts go with the rest.

    Events are in whole steps of k and person-years and rates have two digits: their product would
    tell the events left out of the curve of mean counts.
    """
    hide = _of_few(rows, exact)
    small = rows["n"].map(lambda n: is_small(n, exact.k)).astype(bool)
    rates = ["person_years", "rate_per_100_years", "ci_lower", "ci_upper", "dispersion"]
    shown = rows.assign(**{name: significant(rows[name], 2).mask(hide) for name in rates})
    for name in ("n_with_event", "n_event"):
        shown[name] = whole_steps(rows[name], exact.k).mask(hide)
    # Of first events: the others had one before registration.
    near = [
        exact.differs_little(n, whole) for n, whole in zip(rows["n"], _whole(rows), strict=True)
    ]
    return shown.assign(n=rows["n"].mask(small | pd.Series(near, index=rows.index, dtype=bool)))


def mean_cumulative_count(rows: pd.DataFrame, exact: StudyCounts) -> pd.DataFrame:
    """Curves with steps of whole k events, of events that at least k people had.

    A mean count is shown as finely as one event of one person changes it, or coarser.
    """
    rates = exact.tables["incidence_rate"]
    secret = set(rates[_of_few(rates, exact)][_KEYS].itertuples(index=False, name=None))
    known = set(rates[_KEYS].itertuples(index=False, name=None))
    keys = list(rows[_KEYS].itertuples(index=False, name=None))
    shown = rows[[key in known and key not in secret for key in keys]]
    steps = disclosed_curve(shown, exact.k)
    if steps.empty:
        return rows.iloc[:0]
    people = rates.groupby(_KEYS)["n"].max().astype("float64")
    of = pd.MultiIndex.from_frame(steps[_KEYS])
    one = pd.Series(1 / people.reindex(of).to_numpy(), index=steps.index)
    estimates = ["mean_count", "std_error", "ci_lower", "ci_upper"]
    return steps.assign(
        n_event=whole_steps(steps["n_event"], exact.k),
        n_death=pd.NA,
        **{name: on_grid(steps[name], one) for name in estimates},
    ).reindex(columns=rows.columns)


def standardised_incidence(rows: pd.DataFrame, exact: StudyCounts) -> pd.DataFrame:
    """Ratios of enough observed events; none at all may be shown."""
    few = rows["observed"].map(lambda n: is_small(n, exact.k)).astype(bool)
    small = rows["n"].map(lambda n: is_small(n, exact.k)).astype(bool)
    # Person-years and expected events stop at the event: they would tell when it was.
    withheld = [
        *("observed", "expected", "person_years", "ratio", "ci_lower", "ci_upper", "p_value"),
    ]
    shown = rows.assign(**{name: rows[name].mask(few | small) for name in withheld})
    return shown.assign(n=rows["n"].mask(small | near_the_stratum(rows, exact)))


def _whole(rates: pd.DataFrame) -> pd.Series:
    """All people of the stratum whose events are counted."""
    return rates.groupby(_KEYS)["n"].transform("max")


def _of_few(rates: pd.DataFrame, exact: StudyCounts) -> pd.Series:
    n, with_event = (rates[name].astype("float64").fillna(0) for name in ("n", "n_with_event"))
    few = [
        is_small(people, exact.k) or is_small(had, exact.k) or is_small(people - had, exact.k)
        for people, had in zip(n, with_event, strict=True)
    ]
    return pd.Series(few, index=rates.index, dtype=bool)
