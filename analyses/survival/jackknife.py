"""Infinitesimal-jackknife variances: the sum of squared influences of the rows.

Needed where the binomial (Greenwood) form does not hold: weights that are no counts of people,
and incidence under delayed entry. Equal to R's `survfit(..., robust = TRUE)`, but linear in the
number of rows: the influence of a row is a sum over the times it was at risk at, so sums over
rows come from running totals and no matrix of influences is made.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from analyses.survival.arrays import (
    Booleans,
    Floats,
    Ints,
    cumulative_sum,
    divide,
    previous,
    sum_at,
)
from analyses.survival.risk_sets import Rows


@dataclass(frozen=True)
class Influences:
    """Rows against the distinct times they leave at and are first at risk at.

    `coefficient`: what a squared influence is multiplied by: the squared weight, or the weight
    itself when it counts identical people.
    """

    group: Ints
    exit_place: Ints
    entry_place: Ints
    coefficient: Floats

    @classmethod
    def of(cls, rows: Rows, group: Ints, *, counted: bool = False) -> Influences:
        """Those of checked rows, whose weights are numbers of people when `counted`; `group` is
        that of each distinct time of their risk sets."""
        weight = np.ones(len(rows.time)) if rows.weight is None else rows.weight
        return cls(
            group=group,
            exit_place=rows.place,
            entry_place=rows.entry_place(),
            coefficient=weight if counted else weight**2,
        )

    def survival_variance(
        self, at_risk: Floats, event: Floats, survival: Floats, is_event: Booleans
    ) -> Floats:
        """Variance of Kaplan-Meier. A row's influence on log survival is the integral of
        d / (n (n - d)) while it is at risk, less 1 / (n - d) at its own event."""
        staying = divide(event, at_risk * (at_risk - event))
        own = np.where(
            is_event, -divide(np.ones_like(at_risk), at_risk - event)[self.exit_place], 0
        )
        total = cumulative_sum(staying, self.group)
        variance = self._quadratic([(total, own)], [np.ones_like(survival)])
        return survival**2 * variance

    def area_variance(
        self, at_risk: Floats, event: Floats, beyond: Floats, is_event: Booleans
    ) -> Floats:
        """Variance of each group's area under Kaplan-Meier up to a horizon; `beyond`: the area from
        each time to it. What moves log survival at a time moves the area beyond by that share."""
        staying = divide(event, at_risk * (at_risk - event)) * beyond
        own = np.where(is_event, -divide(beyond, at_risk - event)[self.exit_place], 0)
        total = cumulative_sum(staying, self.group)
        before = previous(total, self.group, 0.0)[self.entry_place]
        influence = total[self.exit_place] - before + own
        size = int(self.group[-1]) + 1 if len(self.group) else 0
        return sum_at(self.group[self.exit_place], size, self.coefficient * influence**2)

    def incidence_variance(
        self,
        at_risk: Floats,
        event: Floats,
        own_event: Floats,
        survival_before: Floats,
        incidence: Floats,
        *,
        is_event: Booleans,
        is_own: Booleans,
    ) -> Floats:
        """Variance of Aalen-Johansen incidence F. A row's influence on F(t) is P + F(t) Q, where P
        and Q are sums over the times up to t at which it was at risk."""
        survivors = np.where(event < at_risk, at_risk - event, 0.0)
        per_survivor = divide(np.ones_like(at_risk), survivors)
        base = divide(own_event, at_risk) * divide(survival_before, at_risk)
        staying_p = -(base + divide(event, at_risk) * incidence * per_survivor)
        staying_q = divide(event, at_risk) * per_survivor
        place = self.exit_place
        leaving_p = np.where(is_own, divide(survival_before, at_risk)[place], 0.0)
        leaving_p = leaving_p + np.where(is_event, (incidence * per_survivor)[place], 0.0)
        leaving_q = np.where(is_event, -per_survivor[place], 0.0)
        parts = [
            (cumulative_sum(staying_p, self.group), leaving_p),
            (cumulative_sum(staying_q, self.group), leaving_q),
        ]
        return self._quadratic(parts, [np.ones_like(incidence), incidence])

    def _quadratic(self, parts: list[tuple[Floats, Floats]], factors: list[Floats]) -> Floats:
        """Sum over rows of coefficient * (sum over parts of factor * influence) ** 2 at each time.

        A part is the running total of what a row gathers while it is at risk, and what it gets on
        leaving. Rows that have left keep what they gathered; the others have the total so far less
        the total before they entered.
        """
        before = [previous(total, self.group, 0.0)[self.entry_place] for total, _ in parts]
        left = [
            total[self.exit_place] - start + leaving
            for (total, leaving), start in zip(parts, before, strict=True)
        ]
        totals = [total for total, _ in parts]
        variance = np.zeros_like(totals[0])
        staying = self._still_there(np.ones_like(self.coefficient))
        for i, factor_i in enumerate(factors):
            for j, factor_j in enumerate(factors):
                gone = cumulative_sum(self._at_exit(left[i] * left[j]), self.group)
                there = totals[i] * totals[j] * staying
                there -= totals[i] * self._still_there(before[j])
                there -= totals[j] * self._still_there(before[i])
                there += self._still_there(before[i] * before[j])
                variance += factor_i * factor_j * (gone + there)
        return np.maximum(variance, 0.0)

    def _at_exit(self, values: Floats) -> Floats:
        return sum_at(self.exit_place, len(self.group), self.coefficient * values)

    def _still_there(self, values: Floats) -> Floats:
        """Sum over rows at risk at each time and not leaving at it."""
        entered = sum_at(self.entry_place, len(self.group), self.coefficient * values)
        return cumulative_sum(entered - self._at_exit(values), self.group)
