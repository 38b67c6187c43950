"""A caller's long frame as the matrices of a repeated-measures model.

People in rows, visits in columns; groups and the baseline value as covariates of the person. What
cannot be laid out is refused here; nothing is estimated.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from analyses.errors import AnalysisError, rows
from analyses.quality_of_life.answers import Booleans, Floats

# Fewer people than this who answered both of two visits tell nothing of their correlation.
FEWEST_TOGETHER = 3


@dataclass(frozen=True)
class Design:
    """scores (N, J; NaN is not answered), covariates (N, K) and the names of both.

    The covariates are an indicator of each group and, when there is one, the baseline value less
    its mean over the people. estimable (J*K): visit by visit, whether somebody of the group
    answered.
    """

    scores: Floats
    covariates: Floats
    visits: tuple[object, ...]
    groups: tuple[object, ...]
    estimable: Booleans


def design(
    frame: pd.DataFrame,
    *,
    unit: str,
    visit: str,
    value: str,
    by: str | None,
    baseline: str | None,
    visits: Sequence[object] | None,
) -> Design:
    """Checks the frame and lays it out; AnalysisError says what cannot be."""
    needed = [name for name in (unit, visit, value, by, baseline) if name is not None]
    missing = [name for name in needed if name not in frame.columns]
    if missing:
        message = f"the frame lacks the column {', '.join(missing)}"
        raise AnalysisError(message)
    given = frame[needed].dropna(subset=[value])
    for name in needed:
        if n_empty := int(given[name].isna().sum()):
            message = f"{name} is empty in {rows(n_empty)} with a score; leave those rows out"
            raise AnalysisError(message)
    if repeated := int(given.duplicated([unit, visit]).sum()):
        message = f"{rows(repeated)} repeat a {unit} and {visit}; keep one score each"
        raise AnalysisError(message)
    order = tuple(sorted(given[visit].unique())) if visits is None else tuple(visits)
    if unknown := int((~given[visit].isin(order)).sum()):
        message = f"{visit} is none of the visits asked for in {rows(unknown)}"
        raise AnalysisError(message)
    if given.empty:
        message = f"{value} is empty in every row; a model needs scores"
        raise AnalysisError(message)
    return _laid_out(given, order, unit, visit, value, by, baseline)


def _laid_out(
    given: pd.DataFrame,
    order: tuple[object, ...],
    unit: str,
    visit: str,
    value: str,
    by: str | None,
    baseline: str | None,
) -> Design:
    person, people = pd.factorize(given[unit])
    scores = np.full((len(people), len(order)), np.nan)
    scores[person, pd.Index(order).get_indexer(given[visit])] = given[value].to_numpy(dtype=float)
    answered = ~np.isnan(scores)
    groups: tuple[object, ...] = ("overall",) if by is None else tuple(sorted(given[by].unique()))
    code = np.zeros(len(people), dtype=int)
    if by is not None:
        code = pd.Index(groups).get_indexer(_of_person(given, person, by))
    covariates = np.eye(len(groups))[code]
    estimable = (answered.T.astype(float) @ covariates) > 0
    if baseline is not None:
        of_person = _of_person(given, person, baseline).to_numpy(dtype=float)
        covariates = np.column_stack([covariates, of_person - of_person.mean()])
        varies = [len(np.unique(of_person[answered[:, j]])) > 1 for j in range(len(order))]
        estimable = np.column_stack([estimable, varies])
    _require_pairs(answered, order)
    return Design(scores, covariates, order, groups, np.asarray(estimable).ravel())


def _of_person(given: pd.DataFrame, person: np.ndarray, column: str) -> pd.Series:
    """The one value each person has in a column."""
    by_person = given[column].groupby(person)
    first = by_person.first()
    changed = person[(given[column] != first.loc[person].to_numpy()).to_numpy()]
    if len(changed):
        n_people = len(np.unique(changed))
        message = f"{column} is not the same in all rows of a person, for {n_people} of them"
        raise AnalysisError(message)
    return first


def _require_pairs(answered: Booleans, order: tuple[object, ...]) -> None:
    together = answered.T.astype(int) @ answered.astype(int)
    rare = np.argwhere(np.tril(together < FEWEST_TOGETHER))
    if len(rare):
        later, earlier = rare[0]
        message = (
            f"only {together[later, earlier]} people answered both {order[earlier]} and "
            f"{order[later]}, too few for their covariance; leave one of the visits out"
            if later != earlier
            else f"only {together[later, later]} people answered {order[later]}; leave it out"
        )
        raise AnalysisError(message)
