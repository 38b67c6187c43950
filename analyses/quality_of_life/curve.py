"""The observed curve of one instrument: per scale, stratum and visit, mean and denominators.

Names the scales, orders the rows and says out of how many; the mean is `observed_mean`.
"""

from __future__ import annotations

import pandas as pd

from analyses.quality_of_life.at_visits import AtVisits
from analyses.quality_of_life.expected import within
from analyses.quality_of_life.observed_mean import observed_mean
from analyses.quality_of_life.visits import Visit


def observed_curve(one: AtVisits, visits: tuple[Visit, ...]) -> pd.DataFrame:
    """Observed means of every scale and respondent with an answer.

    Returns instrument, scale, stratum, visit, time_days, n_expected, n_completed, method, mean,
    std_error, ci_lower, ci_upper: scales in the order of the instrument, the patient's own answers
    before those of others (`<scale>:<respondent>`), visits in the order of the calendar.
    """
    keys = ["scale", "respondent", "stratum", "visit"]
    means = observed_mean(one.scores, keys)
    days = {visit.name: visit.nominal_day for visit in visits}
    parts = []
    for scale in one.instrument.scale_names:
        of_scale = one.scores[one.scores["scale"] == scale]
        for respondent in sorted(of_scale["respondent"].unique(), key=_self_first):
            counted = _expected(one, of_scale, scale, respondent)
            of_both = means[(means["scale"] == scale) & (means["respondent"] == respondent)]
            table = counted.merge(of_both, on=["stratum", "visit"], how="left")
            label = scale if respondent == "self" else f"{scale}:{respondent}"
            parts.append(table.assign(scale=label))
    if not parts:
        return pd.DataFrame()
    curve = pd.concat(parts, ignore_index=True)
    return curve.assign(
        instrument=one.instrument.id,
        method="observed",
        time_days=curve["visit"].map(days).astype(float),
        n_completed=curve["n_completed"].fillna(0).astype(int),
    )


def _expected(one: AtVisits, of_scale: pd.DataFrame, scale: str, respondent: str) -> pd.DataFrame:
    """stratum, visit, n_expected of a scale and respondent, where anybody was expected."""
    given = of_scale[of_scale["respondent"] == respondent]
    grid = one.grid
    expected = grid["is_expected"]
    if respondent != "self" or len(one.instrument.respondents) > 1:
        expected = expected & grid["unit"].isin(given["unit"])
    if scale in one.instrument.utilities:
        expected = expected & within(grid["age"], one.instrument.ages_of(scale))
    answered = pd.MultiIndex.from_frame(given[["unit", "visit"]])
    expected = expected | pd.MultiIndex.from_frame(grid[["unit", "visit"]]).isin(answered)
    keys = ["stratum", "visit"]
    counted = grid[expected].groupby(keys, sort=False).size().rename("n_expected").reset_index()
    order = {name: place for place, name in enumerate(grid["visit"].unique())}
    counted = counted.assign(place=counted["visit"].map(order))
    return counted.sort_values(["stratum", "place"]).drop(columns="place")


def _self_first(respondent: str) -> tuple[bool, str]:
    return (respondent != "self", respondent)
