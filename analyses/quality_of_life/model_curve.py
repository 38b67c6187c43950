"""The mixed model's means of one scale: which visits it is fitted on, and its rows of a curve.

The model is `repeated_measures`. Where the data do not suffice there are no rows and a reason.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from analyses.errors import AnalysisError
from analyses.quality_of_life.answered import Answered
from analyses.quality_of_life.answers import Booleans
from analyses.quality_of_life.repeated_measures import MixedModel, mixed_model

# A visit of fewer scores than this is left out: its variance would be a guess.
FEWEST_AT_VISIT = 10
# So is one of two visits that fewer people answered both: their covariance would be a guess.
FEWEST_TOGETHER = 5
# People for every visit in the model, besides one a group: below, the covariance is not stable.
PEOPLE_PER_VISIT = 2
COLUMNS = ("stratum", "visit", "mean", "std_error", "ci_lower", "ci_upper")


def fit_model(one: Answered) -> tuple[MixedModel | None, str | None]:
    """The mixed model of a scale by stratum, its visits by their place, or why there is none.

    The second of the two is `too_few_people` or `not_converged` where there is no model.
    """
    answered = ~np.isnan(one.scores)
    kept = enough_visits(answered)
    n_people = int(answered[:, kept].any(axis=1).sum())
    n_strata = len(set(one.stratum[answered[:, kept].any(axis=1)]))
    if kept.sum() < 2 or n_people < PEOPLE_PER_VISIT * kept.sum() + n_strata:
        return None, "too_few_people"
    person, place = np.nonzero(answered & kept)
    frame = pd.DataFrame(
        {
            "unit": person,
            "visit": place,
            "stratum": one.stratum[person],
            "value": one.scores[person, place],
        }
    )
    try:
        return mixed_model(frame, by="stratum"), None
    except AnalysisError:
        return None, "not_converged"


def model_curve(one: Answered, model: MixedModel | None) -> pd.DataFrame:
    """Rows of method `mixed_model` by stratum and visit; none without a model.

    Columns: stratum, visit, mean, std_error, ci_lower, ci_upper; a stratum at a visit only one of
    its people answered has no row.
    """
    if model is None:
        return pd.DataFrame(columns=list(COLUMNS))
    means = model.means[model.means["n"] > 1]
    names = dict(enumerate(one.visits))
    return means.assign(visit=means["visit"].map(names))[list(COLUMNS)]


def enough_visits(answered: Booleans) -> Booleans:
    """The visits whose variances and covariances can be told, from who answered which.

    Of two visits too few people answered both, the one with fewer scores goes, the later one when
    they have as many.
    """
    together = answered.T.astype(int) @ answered.astype(int)
    given = np.diagonal(together)
    kept = given >= FEWEST_AT_VISIT
    while True:
        rare = (together < FEWEST_TOGETHER) & kept[:, None] & kept[None, :]
        if not rare.any():
            return np.asarray(kept)
        concerned = np.flatnonzero(rare.any(axis=0))
        kept[concerned[::-1][np.argmin(given[concerned][::-1])]] = False
