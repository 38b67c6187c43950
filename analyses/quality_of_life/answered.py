"""One scale of an instrument as people by visits: the scores, and who was expected to give one.

What every estimate beyond the observed mean starts from; nothing is estimated here.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from analyses.quality_of_life.answers import Booleans, Floats
from analyses.quality_of_life.at_visits import AtVisits
from analyses.quality_of_life.curve import scale_name, self_first, where_expected
from analyses.quality_of_life.expected import FOLLOW_UP_ENDED


@dataclass(frozen=True)
class Answered:
    """A scale as given by one kind of respondent: arrays (people, visits).

    scores: NaN where none was given. expected: where one was. lost: where follow-up had ended
    before a visit that lies before the cut-off, with no death known. stratum: of each person.
    """

    name: str
    scale: str
    visits: tuple[str, ...]
    stratum: np.ndarray
    scores: Floats
    expected: Booleans
    lost: Booleans


def answered_scales(one: AtVisits) -> Iterator[Answered]:
    """Every scale and respondent with a score, in the order of the curve."""
    visits = tuple(one.grid["visit"].drop_duplicates())
    shape = (len(visits), len(one.grid) // len(visits))
    stratum = one.grid["stratum"].to_numpy()[: shape[1]]
    lost = (one.grid["reason"] == FOLLOW_UP_ENDED).to_numpy().reshape(shape).T
    for scale in one.instrument.scale_names:
        of_scale = one.scores[one.scores["scale"] == scale]
        for respondent in sorted(of_scale["respondent"].unique(), key=self_first):
            given = of_scale[of_scale["respondent"] == respondent]
            scores = np.full(len(one.grid), np.nan)
            scores[given["cell"]] = given["value"]
            expected = where_expected(one, given, scale, respondent)
            yield Answered(
                name=scale_name(scale, respondent),
                scale=scale,
                visits=visits,
                stratum=stratum,
                scores=scores.reshape(shape).T,
                expected=expected.reshape(shape).T,
                lost=lost,
            )
