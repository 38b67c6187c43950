"""Cure models: some never have the event, the others have it as a family says.

Belongs here: mixture and non-mixture cure of any family. Covariates act on the cure fraction (its
logit); the general population's mortality is added in the likelihood, so that `cured` then means
back to the mortality of the population (De Angelis et al. 1999; Lambert et al. 2007).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from analyses.extrapolation.family import Family, Link, Parameters
from analyses.extrapolation.sample import Sample
from analyses.survival.arrays import Floats


@dataclass(frozen=True)
class Cure:
    """Mixture: S = p + (1 - p) S0. Non-mixture (promotion time): S = p^(1 - S0)."""

    base: Family
    mixture: bool
    location: int = 0

    @property
    def name(self) -> str:
        return f"{'mixture' if self.mixture else 'non_mixture'}_cure_{self.base.name}"

    @property
    def parameters(self) -> tuple[str, ...]:
        return ("cure_fraction", *self.base.parameters)

    @property
    def links(self) -> tuple[Link, ...]:
        return ("logit", *self.base.links)

    def log_hazard(self, time: Floats, at: Parameters) -> Floats:
        hazard, log_hazard = (
            self.base.cumulative_hazard(time, at[1:]),
            self.base.log_hazard(time, at[1:]),
        )
        with np.errstate(invalid="ignore", divide="ignore"):
            density = np.where(np.isposinf(hazard), -np.inf, log_hazard - hazard)
            if self.mixture:
                return np.asarray(
                    -np.logaddexp(0.0, at[0]) + density + self.cumulative_hazard(time, at)
                )
            return np.asarray(np.log(np.logaddexp(0.0, -at[0])) + density)

    def cumulative_hazard(self, time: Floats, at: Parameters) -> Floats:
        hazard = self.base.cumulative_hazard(time, at[1:])
        log_cured = -np.logaddexp(0.0, -at[0])
        if self.mixture:
            return np.asarray(-np.logaddexp(log_cured, -np.logaddexp(0.0, at[0]) - hazard))
        return np.asarray(log_cured * np.expm1(-hazard))

    def starts(self, sample: Sample) -> list[Floats]:
        """Cure fractions around the share without an event, the others as if all had it sooner."""
        ended = Sample(
            sample.entry[sample.event],
            sample.time[sample.event],
            sample.event[sample.event],
            sample.weight[sample.event],
            sample.background[sample.event],
            sample.design[sample.event],
            sample.terms,
            sample.n_event,
            sample.n_event,
        )
        free = 1 - sample.events / float(sample.weight.sum())
        found = []
        for share in (0.9, 0.4):
            cured = min(max(free * share, 0.02), 0.98)
            found += [
                np.array([np.log(cured / (1 - cured)), *start])
                for start in self.base.starts(ended)[:2]
            ]
        return found
