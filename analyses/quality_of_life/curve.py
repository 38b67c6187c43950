"""The observed curve of one instrument: per scale, stratum and visit, mean and denominators.

Names the scales, orders the rows and says out of how many; the mean is `observed_mean`.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from analyses.quality_of_life.answers import Booleans
from analyses.quality_of_life.at_visits import AtVisits
from analyses.quality_of_life.expected import within
from analyses.quality_of_life.observed_mean import observed_mean
from analyses.quality_of_life.visits import Visit


def observed_curve(one: AtVisits, visits: tuple[Visit, ...]) -> pd.DataFrame:
    """Observed means of every scale and respondent with an answer.

    Returns instrument, scale, stratum, visit, time_days, n_expected, n_completed, method, mean,
    std_error, ci_lower, ci_upper: scales in the order of the instrument, the patient's own answers
    before those of others (`<scale>:<respondent>`), visits in the order of the calendar, those at
    which nobody was expected left out.
    """
    place = one.grid["visit"].map({visit.name: number for number, visit in enumerate(visits)})
    group = one.grid.assign(place=place).groupby(["stratum", "place"], sort=True).ngroup()
    groups = one.grid.assign(group=group)[["group", "stratum", "visit"]]
    groups = groups.drop_duplicates("group").sort_values("group", ignore_index=True)
    scores = one.scores.assign(group=group.to_numpy()[one.scores["cell"]])
    means = observed_mean(scores, ["scale", "respondent", "group"])
    parts = []
    for scale in one.instrument.scale_names:
        of_scale = one.scores[one.scores["scale"] == scale]
        for respondent in sorted(of_scale["respondent"].unique(), key=self_first):
            given = of_scale[of_scale["respondent"] == respondent]
            expected = where_expected(one, given, scale, respondent)
            counted = groups.assign(
                n_expected=np.bincount(group[expected], minlength=len(groups)),
                scale=scale_name(scale, respondent),
            )
            of_both = means[(means["scale"] == scale) & (means["respondent"] == respondent)]
            of_both = of_both.drop(columns=["scale", "respondent"])
            table = counted.merge(of_both, on="group", how="left")
            parts.append(table[table["n_expected"] > 0])
    if not parts:
        return pd.DataFrame()
    curve = pd.concat(parts, ignore_index=True)
    days = {visit.name: visit.nominal_day for visit in visits}
    return curve.assign(
        instrument=one.instrument.id,
        method="observed",
        time_days=curve["visit"].map(days).astype(float),
        n_completed=curve["n_completed"].fillna(0).astype(int),
    )


def where_expected(one: AtVisits, given: pd.DataFrame, scale: str, respondent: str) -> Booleans:
    """The rows of the grid where a score of this scale by this respondent was expected.

    `given` are the scores there are; whoever gave one was expected to.
    """
    grid = one.grid
    expected: Booleans = grid["is_expected"].to_numpy(dtype=bool, copy=True)
    if respondent != "self" or len(one.instrument.respondents) > 1:
        expected &= grid["unit"].isin(given["unit"].unique()).to_numpy()
    if scale in one.instrument.utilities:
        expected &= within(grid["age"], one.instrument.ages_of(scale)).to_numpy()
    expected[given["cell"]] = True
    return expected


def scale_name(scale: str, respondent: str) -> str:
    """The name of a scale as somebody answered it: `total`, `total:parent`."""
    return scale if respondent == "self" else f"{scale}:{respondent}"


def self_first(respondent: str) -> tuple[bool, str]:
    """To sort respondents by: the patient, then the others by name."""
    return (respondent != "self", respondent)
