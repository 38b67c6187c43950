"""What a study file may ask of parametric models: endpoints, families, horizon, life table.

Belongs here: the key `extrapolation`. Does not belong here: the models (analyses.extrapolation).
"""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, Field, field_validator

from analyses.studies.part import Part, no_repeats
from analyses.studies.reference_file import ReferenceFile
from analyses.studies.vocabulary import check_endpoint, find_endpoint, nearest


def _known_family(name: str) -> str:
    from analyses.extrapolation import FAMILIES

    if name not in FAMILIES:
        raise ValueError(f"unknown family `{name}`{nearest(name, FAMILIES)}")
    return name


def _without_competing(name: str) -> str:
    check_endpoint(name)
    if find_endpoint(name).has_competing:
        raise ValueError(
            f"`{name}` has competing events: its curve is no survival curve, and a parametric "
            "model of it has no mean; leave it out"
        )
    return name


FamilyName = Annotated[str, AfterValidator(_known_family)]
SurvivalEndpoint = Annotated[str, AfterValidator(_without_competing)]


class Extrapolation(Part):
    """Parametric models of each group, and what they give up to a horizon (NICE TSD 14, 21).

    endpoints: default every endpoint of the study without competing events. families: default the
    six of TSD 14. life_table: a file of the general population's mortality, beside the study file;
    the models are then of the excess hazard. adjusted: also one model of all groups together, with
    the groups and `adjust_for` as covariates.
    """

    endpoints: Annotated[tuple[SurvivalEndpoint, ...], Field(min_length=1)] | None = None
    families: Annotated[tuple[FamilyName, ...], Field(min_length=1)] = (
        "exponential",
        "weibull",
        "gompertz",
        "log_normal",
        "log_logistic",
        "generalised_gamma",
    )
    horizon_years: Annotated[float, Field(gt=0, le=100)]
    life_table: ReferenceFile | None = None
    adjusted: bool = False

    _unique = field_validator("endpoints", "families")(no_repeats)
