"""The criteria of a study's population: the reason in plain words, and the SQL that keeps a row.

Belongs here: one step of the attrition each. Does not belong here: running them (population.py).
Every predicate speaks of a row aliased `c`; a NULL does not meet a criterion.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from analyses.studies import Population, Study

CLOCK = {"infused": "infusion", "intention_to_treat": "apheresis", "decision": "decision"}
# Who a source can show from the start of each clock: one that registers later has already lost
# the patients who dropped out before (immortal time).
REGISTERS_EARLY_ENOUGH = {
    "infused": ("infusion", "apheresis", "decision"),
    "intention_to_treat": ("apheresis", "decision"),
    "decision": ("decision",),
}


@dataclass(frozen=True)
class Step:
    """A criterion: why people are left out, in plain words, and the SQL that keeps a row `c`."""

    reason: str
    keeps: str = "true"


FIRST_TREATMENT = Step(
    "not the first treatment of a person in the population: it counts as next treatment"
)


def treatment_criteria(population: Population) -> tuple[Step, ...]:
    """What the treatment row alone decides; the first step is the sources' treatments."""
    steps = [Step("people with a treatment in the sources")]
    if population.sources is not None:
        named = ", ".join(population.sources)
        steps = [Step(f"people with a treatment in {named}", _within("source", population.sources))]
    if population.products is not None:
        steps.append(
            Step("another product than the study's", _within("product", population.products))
        )
    if population.indications is not None:
        steps.append(
            Step(
                "another indication than the study's", _within("indication", population.indications)
            )
        )
    return tuple(steps)


def population_criteria(study: Study) -> tuple[Step, ...]:
    """Every criterion of the population, the clock and the cut-off, in order."""
    wanted = study.population
    steps = list(treatment_criteria(wanted))
    if wanted.min_line is not None:
        steps.append(
            Step(
                f"line of treatment unknown or before {wanted.min_line}",
                f"c.line >= {wanted.min_line}",
            )
        )
    if wanted.max_line is not None:
        steps.append(
            Step(
                f"line of treatment unknown or after {wanted.max_line}",
                f"c.line <= {wanted.max_line}",
            )
        )
    steps.append(Step(f"no date of {CLOCK[study.analysis_set]}", "c.start_date IS NOT NULL"))
    steps.append(Step("index date after the data cut-off", "c.start_date <= c.cutoff_date"))
    if wanted.min_age is not None:
        steps.append(
            Step(
                f"age at the index date unknown or under {wanted.min_age:g} years",
                f"c.age_years >= {wanted.min_age}",
            )
        )
    if wanted.max_age is not None:
        # A person is `max_age` years old until the next birthday.
        steps.append(
            Step(
                f"age at the index date unknown or over {wanted.max_age:g} years",
                f"c.age_years < {wanted.max_age + 1}",
            )
        )
    return tuple(steps)


def follow_up_criteria(study: Study) -> tuple[Step, ...]:
    """What the follow-up after the first treatment of a person must meet to be analysed."""
    endpoints = ", ".join(f"'{name}'" for name in (*study.endpoints, "overall_survival"))
    return (
        Step(
            "follow-up ends before the index date",
            "NOT EXISTS (SELECT 1 FROM marts.time_to_event AS e WHERE e.source = c.source "
            "AND e.patient_id = c.patient_id AND e.treatment_id = c.treatment_id "
            f"AND e.analysis_set = '{study.analysis_set}' AND e.endpoint IN ({endpoints}) "
            "AND e.start_date = c.start_date AND e.time_days < 0)",
        ),
        Step(
            "registered at or after the end of follow-up",
            "(c.entry_days <= 0 OR c.entry_days < date_diff('day', c.start_date, "
            "c.end_of_follow_up))",
        ),
    )


def all_of(steps: Iterable[Step]) -> str:
    """The steps as one SQL condition that is never NULL."""
    return " AND ".join(f"coalesce({step.keeps}, false)" for step in steps) or "true"


def _within(column: str, values: tuple[str, ...]) -> str:
    quoted = ", ".join("'" + value.replace("'", "''") + "'" for value in values)
    return f"c.{column} IN ({quoted})"
