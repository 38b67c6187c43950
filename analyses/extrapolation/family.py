"""What a parametric family is, and how its parameters are kept free of bounds.

Belongs here: the protocol of families, links. Does not belong here: any one family.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, Protocol

import numpy as np

from analyses.extrapolation.sample import Sample
from analyses.survival.arrays import Floats

Link = Literal["identity", "log", "logit"]
#: One value, or one a row, of each parameter on its link scale.
Parameters = Sequence[Floats]


class Family(Protocol):
    """A distribution of survival times; parameters are on their link scales.

    `location`: the parameter that covariates act on, additively on its link scale.
    """

    @property
    def name(self) -> str:
        """As study files and results call it."""

    @property
    def parameters(self) -> tuple[str, ...]:
        """Names, as R's flexsurv gives them."""

    @property
    def links(self) -> tuple[Link, ...]:
        """The scale each parameter is estimated on."""

    @property
    def location(self) -> int:
        """Position of the parameter that covariates act on."""

    def log_hazard(self, time: Floats, at: Parameters) -> Floats:
        """Logarithm of the hazard at times above 0."""

    def cumulative_hazard(self, time: Floats, at: Parameters) -> Floats:
        """Cumulative hazard, 0 at time 0."""

    def starts(self, sample: Sample) -> list[Floats]:
        """Where to begin the search; the best end is kept."""


def natural(link: Link, value: Floats) -> Floats:
    """A parameter on its own scale."""
    if link == "log":
        return np.asarray(np.exp(value))
    if link == "logit":
        return np.asarray(0.5 * (1 + np.tanh(0.5 * value)))
    return np.asarray(value)


def slope(link: Link, value: float) -> float:
    """Derivative of `natural`: what a standard error on the link scale is multiplied by."""
    own = float(natural(link, np.asarray(value)))
    return own if link == "log" else own * (1 - own) if link == "logit" else 1.0
