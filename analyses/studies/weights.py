"""What a study says of the weights of its people.

Belongs here: the key `weights`. Does not belong here: what is estimated with them
(analyses.evaluation.weighted).
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator

from analyses.studies.part import Part
from analyses.studies.vocabulary import COVARIATE_PREFIX, check_variable


def _name(given: str) -> str:
    name = given.removeprefix(COVARIATE_PREFIX)
    check_variable(f"{COVARIATE_PREFIX}{name}", ())
    return name


class Weights(Part):
    """A covariate that says how many people each patient stands for.

    covariate: its name. kind: `probability` for weights of sampling or of inverse probability,
    with robust limits; `case` for whole numbers of people who are alike.
    """

    covariate: Annotated[str, AfterValidator(_name)]
    kind: Literal["probability", "case"]

    @property
    def variable(self) -> str:
        """The covariate among the variables of a study."""
        return f"{COVARIATE_PREFIX}{self.covariate}"
