"""What a study is: population, clock, strata, endpoints, horizons, quality of life, estimand.

Belongs here: the fields of a study file, their defaults and the checks that need no data. Does not
belong here: reading files (reading.py) and checks against a data set (analyses.cohort).
"""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    Field,
    ValidationInfo,
    field_validator,
    model_validator,
)

from analyses.studies.extrapolation import Extrapolation
from analyses.studies.part import Day, Names, Part, no_repeats
from analyses.studies.quality_of_life import QualityOfLife
from analyses.studies.safety import Safety
from analyses.studies.survival_options import (
    COURSES,
    Bands,
    Cluster,
    FewEvents,
    Landmark,
    LogRank,
    MissingCovariates,
    MultiState,
    State,
    Subgroups,
    check_states,
)
from analyses.studies.vocabulary import (
    ADJUSTERS,
    DETERIORATION_PREFIX,
    STRATA,
    check_endpoint,
    check_indication,
    check_product,
    check_variable,
    known_endpoints,
    nearest,
)
from analyses.studies.weights import Weights

AnalysisSet = Literal["infused", "intention_to_treat", "decision"]
EndpointId = Annotated[str, AfterValidator(check_endpoint)]
Adjuster = Annotated[str, AfterValidator(lambda name: check_variable(name, ADJUSTERS))]
Stratum = Annotated[str, AfterValidator(lambda name: check_variable(name, STRATA))]
Indications = Annotated[
    tuple[Annotated[str, AfterValidator(check_indication)], ...], Field(min_length=1)
]
Products = Annotated[tuple[Annotated[str, AfterValidator(check_product)], ...], Field(min_length=1)]
_DETERIORATION = f"^{DETERIORATION_PREFIX}[^:@]+:[^:@]+(:[^:@]+)?(@[A-Za-z0-9_+]+)?$"
Age = Annotated[float, Field(ge=0, le=120, description="years at the index date")]
Line = Annotated[int, Field(ge=1)]


class Population(Part):
    """Which treatments enter; what is left out does not restrict."""

    sources: Names | None = None
    products: Products | None = None
    indications: Indications | None = None
    min_line: Line | None = None
    max_line: Line | None = None
    min_age: Age | None = None
    max_age: Age | None = None

    _unique = field_validator("sources", "products", "indications")(no_repeats)

    @model_validator(mode="after")
    def _ordered(self) -> Population:
        for low, high in (("min_line", "max_line"), ("min_age", "max_age")):
            lower, upper = getattr(self, low), getattr(self, high)
            if lower is not None and upper is not None and lower > upper:
                raise ValueError(f"{low} is above {high}: no patient could enter")
        return self


class IntercurrentEvents(Part):
    """How events after the index date are handled (ICH E9(R1)).

    next_treatment: `treatment_policy` counts on; `censor` ends progression-free survival and
    duration of response, censored, at a next treatment begun before their event.
    death: how quality-of-life estimands treat it; survival endpoints always count it.
    """

    next_treatment: Literal["treatment_policy", "censor"] = "treatment_policy"
    death: Literal["composite", "while_alive", "hypothetical"] = "composite"


class Estimand(Part):
    """The declared estimand, kept with every result."""

    intercurrent_events: IntercurrentEvents = IntercurrentEvents()
    pre_specified: bool = False


class Study(Part):
    """A study as its file declares it; frozen."""

    id: str = Field(pattern=r"^[a-z0-9_]+$", max_length=64)
    title: str = Field(min_length=1)
    population: Population = Population()
    analysis_set: AnalysisSet = "infused"
    data_cutoff: dt.date | None = None
    stratify_by: Stratum | None = None
    reference: str | None = None
    adjust_for: tuple[Adjuster, ...] = ()
    model_strata: tuple[Stratum, ...] = ()
    endpoints: Annotated[tuple[EndpointId, ...], Field(min_length=1)] = ("overall_survival",)
    horizons_days: Annotated[tuple[Day, ...], Field(min_length=1)] = (182, 365, 730)
    conf_type: Literal["log-log", "log", "plain"] = "log-log"
    bands: Bands | None = None
    min_at_risk: Annotated[int, Field(ge=1)] | None = None
    log_rank: LogRank | None = None
    multi_state: MultiState | None = None
    landmark: Landmark | None = None
    time_dependent: tuple[State, ...] = ()
    subgroups: Subgroups | None = None
    missing_covariates: MissingCovariates | None = None
    cluster: Cluster | None = None
    few_events: FewEvents = "firth"
    quality_of_life: QualityOfLife | None = None
    estimand: Estimand = Estimand()
    extrapolation: Extrapolation | None = None
    safety: Safety | None = None
    weights: Weights | None = None

    @property
    def reference_files(self) -> dict[str, str]:
        """Files of reference rates that the study names: key of the study file -> path."""
        rates = self.safety.standardised_incidence if self.safety is not None else None
        named = {
            "extrapolation.life_table": self.extrapolation and self.extrapolation.life_table,
            "safety.standardised_incidence.rates": rates and rates.rates,
        }
        return {key: path for key, path in named.items() if path}

    _unique = field_validator("adjust_for", "model_strata", "endpoints", "horizons_days")(
        no_repeats
    )
    _lived_in = field_validator("time_dependent")(check_states)

    @field_validator("horizons_days")
    @classmethod
    def _sorted(cls, horizons: tuple[int, ...]) -> tuple[int, ...]:
        return tuple(sorted(horizons))

    @field_validator("reference", mode="before")
    @classmethod
    def _text_reference(cls, reference: Any) -> Any:
        # `reference: 1` of a numeric covariate is YAML's integer; levels are text everywhere.
        is_number = isinstance(reference, int) and not isinstance(reference, bool)
        return str(reference) if is_number else reference

    @field_validator("reference")
    @classmethod
    def _reference_of_stratum(cls, reference: str | None, so_far: ValidationInfo) -> str | None:
        stratify_by = so_far.data.get("stratify_by")
        if reference is None or "stratify_by" not in so_far.data:
            return reference
        if stratify_by is None:
            raise ValueError("`reference` needs `stratify_by`: there is no level to refer to")
        if stratify_by == "product":
            check_product(reference)
        population = so_far.data.get("population") or Population()
        levels = {
            "product": population.products,
            "indication": population.indications,
            "source": population.sources,
            "sex": ("F", "M"),
        }.get(stratify_by)
        if levels is not None and reference not in levels:
            raise ValueError(
                f"`{reference}` is no {stratify_by} of the population{nearest(reference, levels)}"
            )
        return reference

    @field_validator("extrapolation")
    @classmethod
    def _of_the_study(
        cls, wanted: Extrapolation | None, so_far: ValidationInfo
    ) -> Extrapolation | None:
        known = so_far.data.get("endpoints") or ()
        for name in (wanted.endpoints if wanted is not None and known else None) or ():
            if name not in known:
                raise ValueError(
                    f"`{name}` is no endpoint of the study{nearest(name, known)}; add it there"
                )
        return wanted

    @field_validator("adjust_for")
    @classmethod
    def _not_the_stratum(cls, names: tuple[str, ...], so_far: ValidationInfo) -> tuple[str, ...]:
        stratify_by = so_far.data.get("stratify_by")
        if stratify_by in names:
            raise ValueError(f"repeats the stratum `{stratify_by}`; take it out of one of them")
        return names

    @field_validator("model_strata")
    @classmethod
    def _within_models(cls, names: tuple[str, ...], so_far: ValidationInfo) -> tuple[str, ...]:
        for key in ("stratify_by", "adjust_for"):
            given = so_far.data.get(key) or ()
            for name in names:
                if name in ((given,) if isinstance(given, str) else given):
                    raise ValueError(
                        f"names `{name}`, which is in `{key}`: within its levels a model has no "
                        "effect of it; take it out of one of them"
                    )
        return names

    @field_validator("log_rank")
    @classmethod
    def _within_others(cls, wanted: LogRank | None, so_far: ValidationInfo) -> LogRank | None:
        stratify_by = so_far.data.get("stratify_by")
        if wanted is not None and "stratify_by" in so_far.data:
            if stratify_by is None:
                raise ValueError("needs `stratify_by`: its levels are what is tested")
            if stratify_by in wanted.strata:
                raise ValueError(f"`strata` names the stratum `{stratify_by}`; take it out")
        return wanted

    @field_validator("subgroups")
    @classmethod
    def _of_the_stratum(
        cls, subgroups: Subgroups | None, so_far: ValidationInfo
    ) -> Subgroups | None:
        stratify_by = so_far.data.get("stratify_by")
        if subgroups is not None and "stratify_by" in so_far.data:
            if stratify_by is None:
                raise ValueError("needs `stratify_by`: a subgroup is where its effect is looked at")
            if stratify_by in subgroups.by:
                raise ValueError(f"`by` names the stratum `{stratify_by}`; take it out")
        return subgroups


def json_schema() -> dict[str, Any]:
    """The JSON Schema of a study file, with the endpoints of the dictionary as closed list.

    Beside it stands the deterioration of a scale: `deterioration:<instrument>:<scale>@<choices>`.
    """
    schema = Study.model_json_schema()
    schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    schema["properties"]["endpoints"]["items"] = {
        "anyOf": [
            {"type": "string", "enum": list(known_endpoints())},
            {"type": "string", "pattern": _DETERIORATION},
        ]
    }
    # A course may be given by its name.
    schema["properties"]["multi_state"]["anyOf"].insert(0, {"enum": list(COURSES)})
    return schema
