"""The words a study file may use: endpoints, strata, covariates, and the nearest right word.

Belongs here: closed lists and spelling help. Does not belong here: what the words mean for a
patient (the dbt models for endpoints, analyses.cohort for strata and covariates).
"""

from __future__ import annotations

import csv
import difflib
import functools
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from analyses.studies.errors import StudyError

ENDPOINT_DICTIONARY = (
    Path(__file__).resolve().parents[2] / "dbt_project" / "seeds" / "endpoints.csv"
)
STRATA = ("product", "indication", "sex", "age_group", "source", "centre")
ADJUSTERS = ("age", "age_group", "sex", "line", "centre", "product", "indication", "source")
COVARIATE_PREFIX = "covariate:"
DETERIORATION_PREFIX = "deterioration:"
# What patients are only later, by the names a registry may give it as a covariate.
KNOWN_LATER = (
    "response", "responder", "responders", "responded", "best_response", "best_overall_response",
    "overall_response", "objective_response", "complete_response", "partial_response",
    "complete_remission", "partial_remission", "remission", "response_status", "progression",
    "progressed", "relapsed", "next_treatment", "death", "vital_status", "dead",
)  # fmt: skip
COVARIATE_NAME = re.compile(r"covariate:[A-Za-z0-9_.\-]+")


@dataclass(frozen=True)
class Endpoint:
    """One entry of the endpoint dictionary (dbt_project/seeds/endpoints.csv)."""

    id: str
    title: str
    starts_from: str
    has_competing: bool


@functools.cache
def known_endpoints(dictionary: Path = ENDPOINT_DICTIONARY) -> dict[str, Endpoint]:
    """The endpoint dictionary by id, in the order of the seed; StudyError when it is missing."""
    if not dictionary.is_file():
        raise StudyError(
            f"the endpoint dictionary {dictionary.name} is missing from dbt_project/seeds; "
            "run from a complete checkout of the project"
        )
    with dictionary.open(encoding="utf-8", newline="") as handle:
        return {
            row["endpoint"]: Endpoint(
                id=row["endpoint"],
                title=row["title"],
                starts_from=row["starts_from"],
                has_competing=row["has_competing"].strip().lower() == "true",
            )
            for row in csv.DictReader(handle)
        }


def nearest(word: str, known: Iterable[str]) -> str:
    """`; did you mean ...?` for the closest known word, else `; known: ...`; ends a sentence."""
    choices = list(known)
    lowered = {choice.lower(): choice for choice in choices}
    found = difflib.get_close_matches(word.lower(), lowered, n=1, cutoff=0.6)
    if found:
        return f"; did you mean `{lowered[found[0]]}`?"
    return f"; known: {', '.join(choices)}" if choices else ""


def is_deterioration(endpoint: str) -> bool:
    """Whether an endpoint is the deterioration of a score: `deterioration:<instrument>:<scale>`."""
    return endpoint.startswith(DETERIORATION_PREFIX)


def find_endpoint(endpoint: str) -> Endpoint:
    """The entry of the dictionary, or one made for the deterioration of a score.

    Where its name does not say whether a death competes with it, the study's estimand does.
    """
    if not is_deterioration(endpoint):
        return known_endpoints()[endpoint]
    from analyses.quality_of_life.deterioration_endpoint import deterioration_endpoint

    asked = deterioration_endpoint(endpoint)
    competes = asked.choices.get("death") == "competing"
    return Endpoint(asked.id, asked.title, starts_from="index_date", has_competing=competes)


def check_endpoint(endpoint: str) -> str:
    """The endpoint itself; ValueError naming the nearest right one when it is unknown."""
    if is_deterioration(endpoint):
        from analyses.quality_of_life.deterioration_endpoint import deterioration_endpoint

        return deterioration_endpoint(endpoint).id
    known = known_endpoints()
    if endpoint not in known:
        raise ValueError(f"unknown endpoint `{endpoint}`{nearest(endpoint, known)}")
    return endpoint


def check_variable(name: str, allowed: tuple[str, ...]) -> str:
    """A stratum or adjustment variable: one of `allowed`, or covariate:<name>.

    ValueError for what is known only after the start of the clock: people must not be told apart
    by their future.
    """
    if name.removeprefix(COVARIATE_PREFIX).lower() in (*KNOWN_LATER, *known_endpoints()):
        raise ValueError(
            f"`{name}` is known only after the start of the clock: who has it had to live and be "
            "followed until then, so that a comparison from day 0 is biased by that time (immortal "
            "time); ask for `landmark: {by: response, days: [90]}`, a comparison of those still at "
            "risk at that day, or `time_dependent: [response]`"
        )
    if name in allowed or COVARIATE_NAME.fullmatch(name):
        return name
    raise ValueError(
        f"unknown variable `{name}`{nearest(name, (*allowed, COVARIATE_PREFIX + '<name>'))}"
    )
