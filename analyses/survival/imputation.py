"""Multiple imputation of covariates of a survival model by chained equations.

Belongs here: the cycle over variables, and what their models see of the outcome. Does not belong
here: one variable's model (imputation_models.py) and putting fits together (rubin.py).
"""

from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd

from analyses.errors import AnalysisError
from analyses.survival import columns
from analyses.survival.arrays import Floats, cumulative_sum, divide
from analyses.survival.frames import rows_of
from analyses.survival.imputation_models import draw_levels, draw_numbers

IMPUTATIONS, CYCLES = 20, 10
# What is known of a variable must carry a model of it.
FEWEST_KNOWN = 10


def impute(
    frame: pd.DataFrame,
    *,
    covariates: Sequence[str],
    time: str = "time",
    event: str = "event",
    entry: str | None = None,
    imputations: int = IMPUTATIONS,
    cycles: int = CYCLES,
    seed: int = 0,
) -> Iterator[pd.DataFrame]:
    """Completed copies of a frame, one at a time, its `covariates` filled where they are missing.

    Chained equations (van Buuren 2018): each incomplete covariate in turn from the others, the
    event and the cumulative hazard (Nelson-Aalen, White and Royston 2009). Numbers by predictive
    mean matching from 5 donors, so that only values that occur are filled in; text and booleans by
    multinomial regression; parameters are drawn, so that their uncertainty is in the spread between
    copies. Assumes that what is missing depends on what is known (missing at random).

    The same `seed` gives the same copies. Raises `AnalysisError` where fewer than 10 values of a
    covariate are known, or all of them are alike.
    """
    if imputations < 2 or cycles < 1:
        raise AnalysisError("multiple imputation needs 2 imputations or more and a cycle")
    # By what is known of people, not by who they are: the same copies under other pseudonyms.
    told = [name for name in (time, event, entry, *covariates) if name in frame]
    index, frame = frame.index, frame.reset_index(drop=True).sort_values(told, kind="stable")
    outcome = _outcome(frame, time, event, entry)
    incomplete = [name for name in covariates if columns.present(frame, name).isna().any()]
    # From the fewest missing values to the most, as the first fills serve the others.
    incomplete.sort(key=lambda name: (int(frame[name].isna().sum()), name))
    for name in incomplete:
        known = frame[name].dropna()
        if len(known) < FEWEST_KNOWN or known.nunique() < 2:
            raise AnalysisError(
                f"column '{name}' cannot be imputed: fewer than {FEWEST_KNOWN} values are known, or"
                " all are alike; leave it out"
            )
    # A stream of its own for each copy: the first ones stay when more are asked for.
    for stream in np.random.SeedSequence(seed).spawn(imputations):
        filled = _completed(
            frame, covariates, incomplete, outcome, cycles, np.random.default_rng(stream)
        )
        yield filled.sort_index().set_axis(index, axis=0)


def _completed(
    frame: pd.DataFrame,
    covariates: Sequence[str],
    incomplete: Sequence[str],
    outcome: Floats,
    cycles: int,
    random: np.random.Generator,
) -> pd.DataFrame:
    filled = frame.copy()
    missing = {name: frame[name].isna().to_numpy() for name in incomplete}
    for name in incomplete:
        known = frame[name].to_numpy(dtype=object)[~missing[name]]
        values = frame[name].to_numpy(dtype=object).copy()
        values[missing[name]] = random.choice(known, size=int(missing[name].sum()))
        filled[name] = _like(frame[name], values)
    for _ in range(cycles if len(incomplete) > 1 else 1):
        for name in incomplete:
            others = [_numbers(filled[other]) for other in covariates if other != name]
            x = _standardised(np.column_stack([outcome, *others]))
            values = filled[name].to_numpy(dtype=object).copy()
            gone = missing[name]
            draw = draw_numbers if _is_number(frame[name]) else draw_levels
            values[gone] = draw(values[~gone], x[~gone], x[gone], random)
            filled[name] = _like(frame[name], values)
    return filled


def _outcome(frame: pd.DataFrame, time: str, event: str, entry: str | None) -> Floats:
    """The event and the cumulative hazard of everybody up to the end of each row's time at risk."""
    rows = rows_of(frame, time=time, event=event, entry=entry)
    sets = rows.risk_sets()
    hazard = cumulative_sum(divide(sets.n_event, sets.n_at_risk), sets.group)
    return np.column_stack([rows.event.astype(np.float64), hazard[rows.place]])


def _is_number(column: pd.Series) -> bool:
    return bool(pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(column))


def _numbers(column: pd.Series) -> Floats:
    """A number as it is, text as a column for each level but the first."""
    if _is_number(column):
        numbers: Floats = column.to_numpy(dtype=np.float64)[:, None]
        return numbers
    coded: Floats = pd.get_dummies(column.astype(str), drop_first=True).to_numpy(dtype=np.float64)
    return coded


def _standardised(x: Floats) -> Floats:
    spread = x.std(axis=0)
    varying = spread > 1e-12
    scaled: Floats = (x[:, varying] - x[:, varying].mean(axis=0)) / spread[varying]
    return scaled


def _like(column: pd.Series, values: np.ndarray[tuple[int], np.dtype[np.object_]]) -> pd.Series:
    filled = pd.Series(values, index=column.index)
    return filled.astype("float64") if _is_number(column) else filled
