"""The key `quality_of_life` of a study file: instruments, discounting, norms, sensitivity.

Belongs here: what may be asked, with its defaults. Does not belong here: how it is answered
(analyses.quality_of_life) and the endpoint `deterioration:...` (vocabulary.py).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field, field_validator, model_validator

from analyses.studies.part import Part, no_repeats

if TYPE_CHECKING:
    from analyses.quality_of_life.visits import Visit

Rate = Annotated[float, Field(ge=0, le=0.2, description="a year, 0.025 for 2.5 %")]


def _days(visits: str | tuple[str, ...] | dict[str, int]) -> dict[str, int]:
    """The nominal day of each visit asked for."""
    from analyses.quality_of_life.visits import DEFAULT_DAYS
    from analyses.studies.vocabulary import nearest

    if isinstance(visits, str):
        return DEFAULT_DAYS
    if isinstance(visits, dict):
        return visits
    no_repeats(visits)
    for name in visits:
        if name not in DEFAULT_DAYS:
            raise ValueError(f"unknown visit `{name}`{nearest(name, tuple(DEFAULT_DAYS))}")
    return {name: DEFAULT_DAYS[name] for name in visits}


class Discounting(Part):
    """How quality-adjusted years to come are discounted.

    rates: one set of rows each; the default is none and the French guide's rate (HAS 2020, from
    memory, not verified). From `later_from_years` on, where given, `later_rate` holds for the years
    after it, whatever the rate before, 0 excepted.
    """

    rates: Annotated[tuple[Rate, ...], Field(min_length=1, max_length=5)] = (0.0, 0.025)
    later_rate: Rate | None = None
    later_from_years: Annotated[float, Field(gt=0)] | None = None

    _unique = field_validator("rates")(no_repeats)

    @model_validator(mode="after")
    def _both(self) -> Discounting:
        if (self.later_rate is None) != (self.later_from_years is None):
            raise ValueError("`later_rate` and `later_from_years` go together; give both")
        return self


class Sensitivity(Part):
    """Analyses of scores that may be missing not at random.

    deltas: how much worse, in minimal important differences of the scale, the missing scores are
    taken to be than at random (negative: better). joint_model: a model of drop-out and scores
    sharing random effects, for these scales (`<instrument>:<scale>`); slow, none by default.
    """

    deltas: Annotated[tuple[float, ...], Field(max_length=10)] = (0.5, 1.0, 2.0)
    joint_model: tuple[str, ...] = ()

    _unique = field_validator("deltas", "joint_model")(no_repeats)

    @field_validator("deltas")
    @classmethod
    def _not_none(cls, deltas: tuple[float, ...]) -> tuple[float, ...]:
        if 0 in deltas:
            raise ValueError("a delta of 0 is the mixed model itself; leave it out")
        return deltas

    @field_validator("joint_model")
    @classmethod
    def _scales(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        from analyses.quality_of_life import find_instrument
        from analyses.studies.vocabulary import nearest

        found = []
        for name in names:
            instrument_name, _, rest = name.partition(":")
            instrument = find_instrument(instrument_name)
            scale = rest.split(":")[0]
            if scale not in instrument.scale_names:
                hint = nearest(scale, instrument.scale_names)
                raise ValueError(f"unknown scale `{scale}` of {instrument.id}{hint}")
            found.append(f"{instrument.id}:{rest}")
        return tuple(found)


class ImportantDifference(Part):
    """The smallest change of a scale that matters, for the better and for the worse, in points."""

    improvement: Annotated[float, Field(gt=0)]
    deterioration: Annotated[float, Field(gt=0)]


class Norm(Part):
    """The scores of a reference population: one scale, respondent, sex and band of ages.

    Ages in completed years when the form was filled in, both ends in the band.
    """

    instrument: str
    scale: str
    respondent: Literal["self", "parent", "proxy"] = "self"
    sex: Literal["F", "M", "all"] = "all"
    min_age: Annotated[int, Field(ge=0, le=120)]
    max_age: Annotated[int, Field(ge=0, le=120)]
    mean: float
    sd: Annotated[float, Field(gt=0)]
    source: str = Field(min_length=1)

    @model_validator(mode="after")
    def _named(self) -> Norm:
        from analyses.quality_of_life import find_instrument
        from analyses.studies.vocabulary import nearest

        instrument = find_instrument(self.instrument)
        if self.scale not in instrument.scale_names:
            hint = nearest(self.scale, instrument.scale_names)
            raise ValueError(f"unknown scale `{self.scale}` of {instrument.id}{hint}")
        if self.min_age > self.max_age:
            raise ValueError("min_age is above max_age: nobody is of that age")
        return self

    def overlaps(self, other: Norm) -> bool:
        """Whether a score could be compared with both."""
        same = (self.instrument, self.scale, self.respondent) == (
            other.instrument,
            other.scale,
            other.respondent,
        )
        sexes = self.sex == other.sex or "all" in (self.sex, other.sex)
        return same and sexes and self.min_age <= other.max_age and other.min_age <= self.max_age


class QualityOfLife(Part):
    """The questionnaires to evaluate, at which visits.

    visits: `default`, names of default visits, or nominal days by name; forms are expected at these
    alone, each with a window half way to the next. The first is the baseline, day 0. not_asked: by
    instrument, the visits it is not asked at by design: nobody is expected to answer. norms: scores
    of a reference population, for z-scores; no two may hold for one score.
    important_differences: by instrument and scale, before those of the instruments' files.
    """

    instruments: Annotated[tuple[str, ...], Field(min_length=1)]
    visits: Literal["default"] | tuple[str, ...] | dict[str, int] = "default"
    not_asked: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    discounting: Discounting = Discounting()
    sensitivity: Sensitivity = Sensitivity()
    norms: tuple[Norm, ...] = ()
    important_differences: dict[str, dict[str, ImportantDifference]] = Field(default_factory=dict)

    @field_validator("instruments")
    @classmethod
    def _registered(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        from analyses.quality_of_life import find_instrument

        ids = tuple(find_instrument(name).id for name in names)
        no_repeats(ids)
        for one in ids:
            if series := find_instrument(one).series:
                raise ValueError(f"{one} is a form of {series} for some ages; name {series}")
        return ids

    @field_validator("visits")
    @classmethod
    def _calendar(
        cls, visits: str | tuple[str, ...] | dict[str, int]
    ) -> str | tuple[str, ...] | dict[str, int]:
        from analyses.errors import AnalysisError
        from analyses.quality_of_life.visits import planned_visits

        try:
            planned_visits(_days(visits))
        except AnalysisError as problem:
            raise ValueError(str(problem)) from None
        return visits

    @model_validator(mode="after")
    def _asked(self) -> QualityOfLife:
        """`not_asked` under the ids of the instruments, of visits there are."""
        from analyses.quality_of_life import find_instrument
        from analyses.studies.vocabulary import nearest

        names = tuple(_days(self.visits))
        found = {find_instrument(name).id: visits for name, visits in self.not_asked.items()}
        for instrument, visits in found.items():
            if instrument not in self.instruments:
                hint = nearest(instrument, self.instruments)
                raise ValueError(f"not_asked names {instrument}, which the study leaves out{hint}")
            for visit in visits:
                if visit not in names:
                    raise ValueError(f"unknown visit `{visit}`{nearest(visit, names)}")
        object.__setattr__(self, "not_asked", found)
        return self

    @model_validator(mode="after")
    def _important(self) -> QualityOfLife:
        """`important_differences` under the ids of the instruments, of scales as wide as that."""
        from analyses.quality_of_life import find_instrument
        from analyses.quality_of_life.score_range import score_range
        from analyses.studies.vocabulary import nearest

        named = self.important_differences.items()
        said = [(find_instrument(name), of_scales) for name, of_scales in named]
        for instrument, of_scales in said:
            if instrument.id not in self.instruments:
                hint = nearest(instrument.id, self.instruments)
                raise ValueError(
                    f"important_differences names {instrument.id}, which the study leaves out{hint}"
                )
            for scale, points in of_scales.items():
                if scale not in instrument.scale_names:
                    hint = nearest(scale, instrument.scale_names)
                    raise ValueError(f"unknown scale `{scale}` of {instrument.id}{hint}")
                low, high = score_range(instrument, scale)
                if max(points.improvement, points.deterioration) > high - low:
                    raise ValueError(
                        f"an important difference of {instrument.id} {scale} is more than the "
                        f"{high - low:g} points of the scale"
                    )
        by_id = {instrument.id: of_scales for instrument, of_scales in said}
        object.__setattr__(self, "important_differences", by_id)
        return self

    def differences(self, instrument: str) -> dict[str, tuple[float, float]]:
        """By scale of an instrument, the points of an improvement and of a deterioration."""
        said = self.important_differences.get(instrument, {})
        return {scale: (of.improvement, of.deterioration) for scale, of in said.items()}

    @property
    def planned(self) -> tuple[Visit, ...]:
        """The visits with their windows."""
        from analyses.quality_of_life.visits import planned_visits

        return planned_visits(_days(self.visits))

    @field_validator("norms")
    @classmethod
    def _one_norm_a_score(cls, norms: tuple[Norm, ...]) -> tuple[Norm, ...]:
        from analyses.quality_of_life import find_instrument

        named = tuple(
            norm.model_copy(update={"instrument": find_instrument(norm.instrument).id})
            for norm in norms
        )
        for number, norm in enumerate(named):
            for later, other in enumerate(named[number + 1 :], start=number + 2):
                if norm.overlaps(other):
                    raise ValueError(
                        f"norms {number + 1} and {later} both hold for some scores of "
                        f"{norm.instrument} {norm.scale}; keep their ages or sexes apart"
                    )
        return named
