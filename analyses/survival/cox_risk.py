"""Risk sets of the Cox partial likelihood with Efron's ties: likelihood, score, information.

No matrix per event time is ever formed. A row is at risk at a run of event times, so what those
times hand out is a difference of two running totals, and sums of squares over rows become one
matrix product: time linear in rows, and in terms squared.
"""

from dataclasses import dataclass
from typing import Self

import numpy as np

from analyses.survival.arrays import Booleans, Floats, Ints, cumulative_sum, sum_at


@dataclass(frozen=True)
class EfronSets:
    """Event times ("cells": stratum and time) and the run [first, last) of cells each row is at
    risk at. `cell` is the cell of each event row. `share`: of each event in its cell, 0, 1/d,
    2/d, ...: how far Efron has taken the tied events out of the risk set."""

    weight: Floats
    event: Booleans
    first: Ints
    last: Ints
    cell: Ints
    cell_stratum: Ints
    cell_time: Floats
    n_tied: Ints
    mean_weight: Floats
    tied_cell: Ints
    share: Floats

    @classmethod
    def of(
        cls, time: Floats, event: Booleans, entry: Floats | None, weight: Floats, stratum: Ints
    ) -> Self:
        """Rows of weight 0 are at risk nowhere."""
        counted = event & (weight > 0)
        scale = np.unique(time)
        end = stratum * len(scale) + np.searchsorted(scale, time)
        cells, cell = np.unique(end[counted], return_inverse=True)
        start = stratum * len(scale)
        if entry is not None:
            start = start + np.where(entry > 0, np.searchsorted(scale, entry, side="right"), 0)
        n_tied = np.bincount(cell, minlength=len(cells)).astype(np.int64)
        tied_cell = np.repeat(np.arange(len(cells)), n_tied)
        order = np.arange(len(tied_cell)) - np.repeat(np.cumsum(n_tied) - n_tied, n_tied)
        last = np.searchsorted(cells, end, side="right")
        return cls(
            weight=weight,
            event=counted,
            first=np.where(weight > 0, np.searchsorted(cells, start), last),
            last=last,
            cell=cell.astype(np.int64),
            cell_stratum=cells // len(scale),
            cell_time=scale[cells % len(scale)],
            n_tied=n_tied,
            mean_weight=sum_at(cell, len(cells), weight[counted]) / n_tied,
            tied_cell=tied_cell,
            share=order / n_tied[tied_cell],
        )

    @property
    def n_cells(self) -> int:
        return len(self.n_tied)

    def at_risk(self, values: Floats) -> Floats:
        """Sum of row values over the risk set of each cell."""
        size = self.n_cells
        kept = self.first < self.last
        leaving = sum_at(self.last[kept] - 1, size, values[kept])
        total = cumulative_sum(leaving[::-1], self.cell_stratum[::-1])[::-1]
        # Only rows that enter late are taken off again: sums late in follow-up stay exact.
        late = kept & (self.first > self._first_of_stratum()[np.maximum(self.last - 1, 0)])
        if late.any():
            entering = sum_at(self.first[late] - 1, size, values[late])
            total = total - cumulative_sum(entering[::-1], self.cell_stratum[::-1])[::-1]
        return total

    def of_events(self, values: Floats) -> Floats:
        """Sum of row values over the events of each cell."""
        return sum_at(self.cell, self.n_cells, values[self.event])

    def over_run(self, values: Floats) -> Floats:
        """Sum of cell values over the cells each row is at risk at."""
        total = np.concatenate([[0.0], np.cumsum(values)])
        gathered: Floats = total[self.last] - total[np.minimum(self.first, self.last)]
        return gathered

    def _first_of_stratum(self) -> Ints:
        return np.searchsorted(self.cell_stratum, self.cell_stratum).astype(np.int64)


@dataclass(frozen=True)
class Risk:
    """Everything the likelihood needs at one value of the coefficients.

    With f the share and D the Efron denominator of a tied event: `hazard[m]` is the sum over a
    cell's events of weight * f^m / D, `square[m]` of weight * f^m / D^2. `sum_x`, `event_x`: risk-
    weighted sums of each covariate over the risk set and over the events, a row a term.
    """

    score: Floats
    log_likelihood: float
    hazard: tuple[Floats, Floats]
    square: tuple[Floats, Floats, Floats]
    sum_x: Floats
    event_x: Floats

    @classmethod
    def at(cls, sets: EfronSets, x: Floats, coefficients: Floats) -> Self:
        eta = coefficients @ x
        score = sets.weight * np.exp(eta)
        tied, f, size = sets.tied_cell, sets.share, sets.n_cells
        denominator = sets.at_risk(score)[tied] - f * sets.of_events(score)[tied]
        step = sets.mean_weight[tied] / denominator
        likelihood = np.sum((sets.weight * eta)[sets.event])
        likelihood -= np.sum(sets.mean_weight[tied] * np.log(denominator))
        return cls(
            score=score,
            log_likelihood=float(likelihood),
            hazard=(sum_at(tied, size, step), sum_at(tied, size, f * step)),
            square=(
                sum_at(tied, size, step / denominator),
                sum_at(tied, size, f * step / denominator),
                sum_at(tied, size, f**2 * step / denominator),
            ),
            sum_x=np.array([sets.at_risk(score * row) for row in x]),
            event_x=np.array([sets.of_events(score * row) for row in x]),
        )

    def expected(self, sets: EfronSets, by_cell: Floats | None = None) -> Floats:
        """Weighted expected events of each row, each cell's share multiplied by `by_cell`."""
        factor = np.ones(sets.n_cells) if by_cell is None else by_cell
        total = sets.over_run(self.hazard[0] * factor)
        total[sets.event] -= (self.hazard[1] * factor)[sets.cell]
        return total * self.score

    def gradient(self, sets: EfronSets, x: Floats, by_cell: Floats | None = None) -> Floats:
        """Score vector; with `by_cell`, of the covariates times a function of the cell."""
        observed = np.zeros(len(sets.weight))
        observed[sets.event] = sets.weight[sets.event]
        if by_cell is not None:
            observed[sets.event] *= by_cell[sets.cell]
        vector: Floats = x @ (observed - self.expected(sets, by_cell))
        return vector

    def information(self, sets: EfronSets, x: Floats, by_cell: Floats | None = None) -> Floats:
        """Information matrix, each cell's share multiplied by `by_cell`."""
        factor = np.ones(sets.n_cells) if by_cell is None else by_cell
        matrix: Floats = (x * self.expected(sets, by_cell)) @ x.T
        c0, c1, c2 = (part * factor for part in self.square)
        cross = (self.sum_x * c1) @ self.event_x.T
        matrix -= (self.sum_x * c0) @ self.sum_x.T - cross - cross.T
        matrix -= (self.event_x * c2) @ self.event_x.T
        return matrix
