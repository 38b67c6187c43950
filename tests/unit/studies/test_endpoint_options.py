"""Where a study may choose to censor is read from the dictionary's seed of censoring."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from analyses.report.estimand import _STRATEGIES
from analyses.studies import StudyError, known_endpoints
from analyses.studies.specification import IntercurrentEvents
from analyses.studies.vocabulary import ENDPOINT_DICTIONARY

NAME = "endpoint_censoring.csv"
COLUMNS = "endpoint,precedence,censoring_reason,takes,applies\n"


@pytest.fixture
def dictionary(tmp_path: Path) -> Path:
    """The endpoints of the project in a folder of their own."""
    return Path(shutil.copy(ENDPOINT_DICTIONARY, tmp_path))


def test_progression_free_survival_may_be_censored_at_a_next_treatment_and_survival_not() -> None:
    """The option of the design's dictionary; a death after a next treatment is a death."""
    endpoints = known_endpoints()
    assert endpoints["progression_free_survival"].may_end_at == {"next_treatment"}
    for name in ("overall_survival", "event_free_survival", "time_to_next_treatment"):
        assert endpoints[name].may_end_at == frozenset()


def test_a_row_of_the_seed_gives_an_endpoint_the_option(dictionary: Path) -> None:
    dictionary.with_name(NAME).write_text(
        COLUMNS
        + "relapse,1,administrative,cut_off,always\n"
        + "relapse,2,next_treatment,next_treatment,option\n"
    )
    endpoints = known_endpoints(dictionary)
    assert endpoints["relapse"].may_end_at == {"next_treatment"}
    assert endpoints["progression_free_survival"].may_end_at == frozenset()


def test_a_missing_seed_is_named(dictionary: Path) -> None:
    with pytest.raises(StudyError, match=NAME):
        known_endpoints(dictionary)


@pytest.mark.parametrize(
    "said",
    [_STRATEGIES["next_treatment", "censor"], " ".join((IntercurrentEvents.__doc__ or "").split())],
    ids=["report", "study file"],
)
def test_what_readers_are_told_names_the_endpoints_that_have_the_option(said: str) -> None:
    for endpoint in known_endpoints().values():
        told = endpoint.title.lower() in said.lower()
        assert told == ("next_treatment" in endpoint.may_end_at), endpoint.id
