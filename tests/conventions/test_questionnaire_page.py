"""The page of questionnaires and the seeds from the instruments say what the code knows."""

from __future__ import annotations

from pathlib import Path

import pytest

from analyses.quality_of_life.registry import instruments
from analyses.results.quality_of_life_tables import QUALITY_OF_LIFE_TABLES
from tests.lib.instrument_scales import SEEDS, WRITTEN
from tests.lib.questionnaire_page import page

DOCS = Path(__file__).resolve().parents[2] / "docs"


def test_the_page_is_that_of_the_instruments_and_visits_as_they_are() -> None:
    written = (DOCS / "questionnaires.md").read_text(encoding="utf-8")
    assert written == page(), "python -m tests.lib.questionnaire_page > docs/questionnaires.md"


@pytest.mark.parametrize("name", list(WRITTEN))
def test_the_seeds_of_instruments_and_scales_are_those_of_the_files(name: str) -> None:
    written = (SEEDS / f"{name}.csv").read_text(encoding="utf-8")
    assert written == WRITTEN[name](), f"python -m tests.lib.instrument_scales {name} > the seed"


def test_every_item_key_and_name_is_on_it() -> None:
    for one in instruments().values():
        section = page().split(f"\n## {one.title}\n")[1].split("\n## ")[0]
        for key in (*one.items, one.id, *one.aliases, *one.scale_names):
            assert f"`{key}`" in section, (one.id, key)


def test_the_columns_of_the_tables_are_those_of_the_release() -> None:
    written = (DOCS / "quality-of-life.md").read_text(encoding="utf-8")
    for name, table in QUALITY_OF_LIFE_TABLES.items():
        first, second, *columns = table.names
        assert (first, second) == ("study_id", "analysis_set"), name
        assert f"| `{name}` | {', '.join(columns)} |\n" in written, name
