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
CODE_LISTS = ENDPOINT_DICTIONARY.parent / "codelists"
# How alike a product must be to a known one to be taken for a slip. A source may add products of
# its own, and names of one class are alike: equecabtagene_autoleucel, which is a product, is 0.90
# of brexucabtagene_autoleucel, whereas a wrong letter leaves 0.93 or more.
MISSPELT = 0.92
# Of an indication, whose ids are short: a letter too many in dlbcl leaves 0.91, another one 0.8.
MISSPELT_SHORT = 0.8
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
    "resp", "best_resp", "bor", "orr", "cr", "complete_resp", "partial_resp", "mrd_response",
    "repondeur", "repondeurs", "repond", "reponse", "meilleure_reponse", "reponse_complete",
    "reponse_partielle", "reponse_objective", "reponse_globale", "remission_complete",
    "remission_partielle", "rechute", "rechuteur", "progresseur", "deces", "decede", "statut_vital",
)  # fmt: skip
COVARIATE_NAME = re.compile(r"covariate:[A-Za-z0-9_.\-]+")


@dataclass(frozen=True)
class Endpoint:
    """One entry of the endpoint dictionary (dbt_project/seeds/endpoints.csv).

    may_end_at: dates at which a study may choose to censor it (endpoint_censoring.csv, `option`).
    """

    id: str
    title: str
    starts_from: str
    has_competing: bool
    may_end_at: frozenset[str] = frozenset()


@functools.cache
def known_endpoints(dictionary: Path = ENDPOINT_DICTIONARY) -> dict[str, Endpoint]:
    """The endpoint dictionary by id, in the order of the seed; StudyError when it is missing."""
    censoring = _rows(dictionary.with_name("endpoint_censoring.csv"))
    options = [row for row in censoring if row["applies"] == "option"]
    return {
        row["endpoint"]: Endpoint(
            id=row["endpoint"],
            title=row["title"],
            starts_from=row["starts_from"],
            has_competing=row["has_competing"].strip().lower() == "true",
            may_end_at=frozenset(
                option["takes"] for option in options if option["endpoint"] == row["endpoint"]
            ),
        )
        for row in _rows(dictionary)
    }


def _rows(seed: Path) -> list[dict[str, str]]:
    """The rows of a seed; StudyError when it is missing."""
    if not seed.is_file():
        raise StudyError(
            f"the endpoint dictionary {seed.name} is missing from dbt_project/seeds; "
            "run from a complete checkout of the project"
        )
    with seed.open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


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


@functools.cache
def code_words(name: str) -> tuple[frozenset[str], dict[str, str]]:
    """(known ids, other word in lower case -> id) of the code list `product` or `indication`.

    The other words are brands, spellings and codes, which data may use and a study may not.
    """
    with (CODE_LISTS / f"{name}.csv").open(encoding="utf-8", newline="") as handle:
        ids = frozenset(row["id"] for row in csv.DictReader(handle))
    with (CODE_LISTS / "alias.csv").open(encoding="utf-8", newline="") as handle:
        others = {
            row["alias"].lower(): row["id"]
            for row in csv.DictReader(handle)
            if row["code_list"] == f"{name}_code"
        }
    return ids, others


def _check_id(word: str, name: str, misspelt: float) -> str:
    """The word itself; ValueError for another word of a known id, or one misspelt.

    Any other word may be one that a source adds and stays as it is.
    """
    ids, others = code_words(name)
    lower = word.lower()
    if word in ids or any(_is_variant(lower, known) for known in ids):
        return word
    close = difflib.get_close_matches(lower, ids, n=1, cutoff=misspelt)
    meant = others.get(lower) or (close[0] if close else None)
    if meant is not None:
        article = "an" if name[0] in "aeiou" else "a"
        raise ValueError(f"`{word}` is no id of {article} {name}; did you mean `{meant}`?")
    return word


def _is_variant(word: str, known: str) -> bool:
    """Whether a word is an id with something after it, or another of its kind, as haemophilia_c."""
    if word == known:
        return False
    kind, _, which = known.rpartition("_")
    sibling = bool(kind) and len(which) <= 2 and word.startswith(f"{kind}_")
    return word.rstrip("0123456789") == known or word.startswith(f"{known}_") or sibling


def check_product(product: str) -> str:
    """The product itself; ValueError for a brand, a code or a misspelt id of a known one."""
    return _check_id(product, "product", MISSPELT)


def check_indication(indication: str) -> str:
    """The indication itself; ValueError for a code, a spelling or a misspelt id of a known one."""
    return _check_id(indication, "indication", MISSPELT_SHORT)


def check_variable(name: str, allowed: tuple[str, ...]) -> str:
    """A stratum or adjustment variable: one of `allowed`, or covariate:<name>.

    ValueError for what is known only after the start of the clock: people must not be told apart
    by their future.
    """
    plain = re.sub(r"[.\-]", "_", name.removeprefix(COVARIATE_PREFIX).lower())
    if plain in (*KNOWN_LATER, *known_endpoints()):
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
