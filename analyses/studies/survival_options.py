"""What a study may ask of its survival analyses beside curves, tests and models.

Belongs here: the keys bands, log_rank, multi_state, landmark, time_dependent, subgroups,
missing_covariates, cluster and few_events. Does not belong here: what they do
(analyses.evaluation).
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, field_validator, model_validator

from analyses.studies.part import Day, Names, Part, no_repeats
from analyses.studies.states import START_STATES, check_state
from analyses.studies.vocabulary import STRATA, check_variable, nearest

State = Annotated[str, AfterValidator(check_state)]
Bands = Literal["equal_precision", "hall_wellner"]
FewEvents = Literal["firth", "none"]
Cluster = Annotated[str, AfterValidator(lambda name: check_variable(name, ("centre", "source")))]
SubgroupVariable = Annotated[str, AfterValidator(lambda name: check_variable(name, STRATA))]

Power = Annotated[float, Field(ge=0, le=5, allow_inf_nan=False)]

# Courses with a name: the states after the start, in the order they are told apart.
COURSES = {
    "illness_death": ("relapse", "death"),
    "treatment_course": ("infusion", "response", "relapse", "death"),
}


def check_states(names: tuple[str, ...]) -> tuple[str, ...]:
    """States other than death and the start; ValueError otherwise."""
    for name in names:
        if name == "death":
            raise ValueError("`death` ends every endpoint: it is no state to live on in")
    no_repeats(names)
    return names


class MultiState(Part):
    """A course through states: a person is in the last state of the list reached so far.

    states: in order, `infusion` (for a clock that starts earlier), response, relapse,
    next_treatment or an endpoint with an event of its own, and `death` at the end. In short:
    `illness_death` (relapse, death) or `treatment_course` (infusion, response, relapse, death).
    """

    states: Names

    @model_validator(mode="before")
    @classmethod
    def _named(cls, given: Any) -> Any:
        if isinstance(given, str):
            if given not in COURSES:
                raise ValueError(f"unknown course `{given}`{nearest(given, COURSES)}")
            return {"states": COURSES[given]}
        return given

    @field_validator("states")
    @classmethod
    def _states(cls, states: tuple[str, ...]) -> tuple[str, ...]:
        no_repeats(states)
        if states[-1] != "death":
            raise ValueError("the last of the states must be `death`: it ends every course")
        if len(states) < 2:
            raise ValueError("a course needs a state before `death`")
        for place, name in enumerate(states):
            if name == "infusion" and place:
                raise ValueError("`infusion` must be the first of the states")
            if name != "infusion":
                check_state(name)
        return states

    def after(self, analysis_set: str) -> tuple[str, ...]:
        """The states after the start of the clock: without the infusion where it is the start."""
        return tuple(name for name in self.states if name != START_STATES[analysis_set])


class Landmark(Part):
    """A comparison by a state that is reached later, among those still at risk at each day."""

    by: State
    days: Annotated[tuple[Day, ...], Field(min_length=1)]

    _unique = field_validator("days")(no_repeats)

    @field_validator("by")
    @classmethod
    def _lived_in(cls, by: str) -> str:
        return check_states((by,))[0]


class Subgroups(Part):
    """Variables in whose levels the effect of the stratum is looked at.

    min_events: a level with fewer events has no estimate.
    """

    by: Annotated[tuple[SubgroupVariable, ...], Field(min_length=1)]
    min_events: Annotated[int, Field(ge=5)] = 10

    _unique = field_validator("by")(no_repeats)


class LogRank(Part):
    """Tests beside the log-rank test, of endpoints without competing events.

    strata: variables in whose levels the groups are compared, the differences put together.
    weights: pairs of rho and gamma: survival^rho (1 - survival)^gamma weighs the differences
    (Fleming and Harrington), so that [1, 0] looks at early and [0, 1] at late ones.
    """

    strata: tuple[SubgroupVariable, ...] = ()
    weights: tuple[tuple[Power, Power], ...] = ()

    _unique = field_validator("strata", "weights")(no_repeats)

    @model_validator(mode="after")
    def _something(self) -> LogRank:
        if not self.strata and not self.weights:
            raise ValueError("give `strata`, `weights` or both")
        return self


class MissingCovariates(Part):
    """How models treat missing covariates: filled in several times, beside the complete cases."""

    method: Literal["multiple_imputation"] = "multiple_imputation"
    imputations: Annotated[int, Field(ge=2, le=200)] = 20
    seed: Annotated[int, Field(ge=0)] = 1
