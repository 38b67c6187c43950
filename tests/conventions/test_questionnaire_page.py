"""The page of questionnaires and the seed of scales say what the code knows, and no more."""

from __future__ import annotations

from pathlib import Path

from analyses.quality_of_life.registry import instruments
from tests.lib import instrument_scales
from tests.lib.questionnaire_page import page

DOCS = Path(__file__).resolve().parents[2] / "docs"


def test_the_page_is_that_of_the_instruments_and_visits_as_they_are() -> None:
    written = (DOCS / "questionnaires.md").read_text(encoding="utf-8")
    assert written == page(), "python -m tests.lib.questionnaire_page > docs/questionnaires.md"


def test_the_seed_of_scales_is_that_of_the_instruments() -> None:
    written = (instrument_scales.SEEDS / "instrument_scale.csv").read_text(encoding="utf-8")
    assert written == instrument_scales.seed(), "python -m tests.lib.instrument_scales > the seed"


def test_every_item_key_and_name_is_on_it() -> None:
    for one in instruments().values():
        section = page().split(f"\n## {one.title}\n")[1].split("\n## ")[0]
        for key in (*one.items, one.id, *one.aliases, *one.scale_names):
            assert f"`{key}`" in section, (one.id, key)
