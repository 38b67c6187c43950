"""The columns of a Cox model from the covariates of a frame. Nothing is fitted here."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from analyses.errors import AnalysisError
from analyses.survival.arrays import Floats, Ints
from analyses.survival.columns import DATES, numbers, present, refuse

#: Columns of Python objects that are numbers all the same.
NUMBERS = frozenset({"integer", "floating", "mixed-integer-float", "decimal"})


@dataclass(frozen=True)
class Design:
    """`matrix`: one row a term, centred and scaled to unit spread by `scale`, one column a row of
    the frame. `covariate`: position in `covariates` of each term."""

    matrix: Floats
    scale: Floats
    terms: list[str]
    covariate: Ints
    covariates: list[str]
    references: dict[str, str]

    def names(self, terms: Ints) -> str:
        """The covariates of some terms, for a message."""
        chosen = sorted({self.covariates[self.covariate[term]] for term in terms})
        return ", ".join(f"'{name}'" for name in chosen)


def design(
    frame: pd.DataFrame, covariates: Sequence[str], reference: Mapping[str, object] | None
) -> Design:
    """Treatment-coded, centred and scaled columns; each covariate must vary."""
    if not covariates:
        raise AnalysisError("cox needs a covariate: give one in 'covariates'")
    unknown = sorted(set(reference or {}) - set(covariates))
    if unknown:
        raise AnalysisError(f"reference names '{unknown[0]}', which is not a covariate")
    terms: list[str] = []
    values: list[Floats] = []
    covariate: list[int] = []
    references: dict[str, str] = {}
    for position, name in enumerate(covariates):
        column = present(frame, name)
        kind = pd.api.types.infer_dtype(column, skipna=True)
        if kind in DATES or getattr(column.dtype, "kind", "O") in "mM":
            raise AnalysisError(f"covariate '{name}' holds dates: give a number or text")
        if pd.api.types.is_numeric_dtype(column) or kind in NUMBERS:
            coded = {name: numbers(frame, name)}
        else:
            coded, references[name] = _treatment(frame, name, (reference or {}).get(name))
        terms += coded
        values += coded.values()
        covariate += [position] * len(coded)
    matrix = np.array(values, dtype=np.float64)
    spread = matrix.std(axis=1) if matrix.size else np.zeros(len(terms))
    # A constant column can keep a spread of rounding size.
    flat = spread <= 1e-12 * np.maximum(np.abs(matrix).max(axis=1, initial=0.0), 1.0)
    if flat.any():
        name = covariates[covariate[int(np.flatnonzero(flat)[0])]]
        raise AnalysisError(f"covariate '{name}' is constant: leave it out")
    matrix -= matrix.mean(axis=1, keepdims=True)
    matrix /= spread[:, None]
    return Design(
        matrix, spread, terms, np.array(covariate, dtype=np.int64), list(covariates), references
    )


def _treatment(frame: pd.DataFrame, name: str, reference: object) -> tuple[dict[str, Floats], str]:
    column = present(frame, name)
    refuse(name, column.isna().to_numpy(), "missing")
    text = column.astype(str).to_numpy()
    levels = sorted(set(text))
    if len(levels) < 2:
        raise AnalysisError(f"covariate '{name}' is constant: leave it out")
    first = levels[0] if reference is None else str(reference)
    if first not in levels:
        raise AnalysisError(f"covariate '{name}' has no row at the reference level '{first}'")
    others = [level for level in levels if level != first]
    return {f"{name}={level}": (text == level).astype(np.float64) for level in others}, first
