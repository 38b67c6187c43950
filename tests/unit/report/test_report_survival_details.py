"""Contrasts, later states, subgroups and courses as the report shows them."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from analyses.figures import draw_states, draw_survival
from analyses.report import render
from analyses.studies import Study
from tests.lib.responders import responders
from tests.lib.studies import evaluated

ASKED: dict[str, Any] = {
    "id": "s",
    "title": "A study",
    "stratify_by": "product",
    "endpoints": ("overall_survival",),
    "horizons_days": (100, 200),
    "multi_state": "treatment_course",
    "landmark": {"by": "response", "days": (60,)},
    "time_dependent": ("response",),
    "subgroups": {"by": ("sex",), "min_events": 30},
    "bands": "equal_precision",
}


@pytest.fixture(scope="module")
def tables() -> dict[str, pd.DataFrame]:
    return evaluated(responders(), **ASKED).tables


def page(tables: dict[str, pd.DataFrame]) -> str:
    return render([Study(**ASKED)], tables, {"release_id": "x"}, pd.DataFrame())


def test_the_report_shows_them_with_limits(tables: dict[str, pd.DataFrame]) -> None:
    html = page(tables)
    for part in (
        "Overall survival: differences and quantiles", "Ratio of restricted means",
        "Times by which shares had the event", "Overall survival: by a later state",
        "Landmark at", "Simon-Makuch", "Hazard ratios in subgroups", "interaction p",
        "Course through states", "Expected time in each state", "Moves between states",
        "response at day 60",
    ):  # fmt: skip
        assert part in html, part
    # A subgroup of fewer events than asked for says so in the forest plot.
    assert tables["subgroup"]["hazard_ratio"].isna().any()
    assert "too few events" in html
    assert html == page(tables)


def test_results_behind_a_failing_diagnostic_are_shown_behind_it(
    tables: dict[str, pd.DataFrame],
) -> None:
    failing = (
        tables["diagnostic"]
        .iloc[:1]
        .assign(endpoint="overall_survival", diagnostic="number_at_risk: day 100", status="fail")
    )
    whole = page({**tables, "diagnostic": tables["diagnostic"].iloc[:0]})
    behind = page({**tables, "diagnostic": failing})
    assert 'class="behind"' not in whole
    # The curve, the contrasts, the later states and the subgroups of the endpoint.
    assert behind.count('class="behind"') == 4


def test_a_study_that_asks_for_none_has_no_such_part() -> None:
    plain = {key: ASKED[key] for key in ("id", "title", "horizons_days")}
    html = render(
        [Study(**plain)], evaluated(responders(20), **plain).tables, {"release_id": "x"},
        pd.DataFrame(),
    )  # fmt: skip
    assert "Course through states" not in html
    assert "Hazard ratios in subgroups" not in html


def test_a_figure_of_states_ends_where_it_is_told(tables: dict[str, pd.DataFrame]) -> None:
    svg = draw_states(tables["state_probability"], horizon_days=100).svg
    assert svg.startswith("<svg")
    assert "Probability (%)" in svg
    assert svg == draw_states(tables["state_probability"], horizon_days=100).svg
    assert svg != draw_states(tables["state_probability"]).svg


def test_simultaneous_bands_are_drawn_around_the_curves_and_named(
    tables: dict[str, pd.DataFrame],
) -> None:
    curve, bands = tables["survival_curve"], tables["survival_band"]
    plain, with_bands = (draw_survival(curve, bands=b).svg for b in (None, bands))
    # Two edges for each of the two groups.
    assert with_bands.count("<path") == plain.count("<path") + 4
    said = "simultaneous 95% band (equal precision, thin lines"
    assert said in page(tables)
    assert said not in page({**tables, "survival_band": bands.iloc[:0]})
    # So many groups could not be told apart.
    many = pd.concat([curve.assign(stratum=f"g{n}") for n in range(5)])
    banded = pd.concat([bands.assign(stratum=f"g{n}") for n in range(5)])
    assert draw_survival(many, bands=banded).svg == draw_survival(many).svg
