"""Every figure with a time axis can be read out, and what it says is what the tables hold."""

from __future__ import annotations

import json
import re
from typing import Any

import numpy as np
import pandas as pd
import pytest
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By

from tests.lib.responders import responders
from tests.lib.studies import evaluated

pytestmark = pytest.mark.browser

ASKED: dict[str, Any] = {
    "stratify_by": "product",
    "endpoints": ("overall_survival", "relapse", "death_by_cause"),
    "horizons_days": (100, 300),
    "bands": "hall_wellner",
    "multi_state": "treatment_course",
    "landmark": {"by": "response", "days": (60,)},
    "time_dependent": ("response",),
    "subgroups": {"by": ("sex",)},
    "extrapolation": {"families": ("weibull", "log_normal"), "horizon_years": 5},
    "safety": {"events": ("infection",)},
}
# Figures of no time: nothing moves along them.
STILL = {"s-attrition", "s-forest", "s-overall_survival-subgroups", "s-relapse-subgroups"}
# figure, table, what is kept of it, its value, how many shown are one of it, tolerance shown
SURVIVAL, BY_CAUSE = "overall_survival", "death_by_cause"
READ = (
    ("s-overall_survival-0", "survival_curve", SURVIVAL, "survival", 100, 0.051),
    ("s-overall_survival-log-log", "survival_curve", SURVIVAL, "survival", 100, 0.051),
    ("s-relapse-0", "cumulative_incidence", "relapse", "incidence", 100, 0.051),
    ("s-death_by_cause-0-stacked", "cumulative_incidence", BY_CAUSE, "incidence", 100, 0.051),
    ("s-course-states", "state_probability", "", "probability", 100, 0.051),
    ("s-overall_survival-models", "parametric_curve", SURVIVAL, "survival", 100, 0.1),
    ("s-overall_survival-hazard", "smoothed_hazard", SURVIVAL, "hazard_per_year", 1, 0.002),
    ("s-mean-count", "mean_cumulative_count", "", "mean_count", 1, 0.0051),
)


@pytest.fixture(scope="module")
def tables() -> dict[str, pd.DataFrame]:
    marts = responders()
    for number in range(0, 120, 2):
        marts.event(f"p{number:03d}", "infection", 20 + 2 * number)
    return evaluated(marts, **ASKED).tables


@pytest.fixture(scope="module")
def opened(tables, browser, tmp_path_factory):
    from analyses.report import render

    page = tmp_path_factory.mktemp("report") / "index.html"
    study = {"id": "s", "title": "A study", **ASKED, "reference": "a"}
    manifest = {"release_id": "r", "profile": "internal", "synthetic": True}
    page.write_text(render([study], tables, manifest, pd.DataFrame()), encoding="utf-8")
    browser.execute_cdp_cmd(
        "Emulation.setDeviceMetricsOverride",
        {"width": 1280, "height": 900, "deviceScaleFactor": 1, "mobile": False},
    )
    browser.get(page.as_uri())
    browser.execute_script("document.querySelectorAll('details').forEach((d) => (d.open = true))")
    return browser


def test_every_figure_along_time_gives_time_value_and_people_at_risk(opened) -> None:
    figures = opened.find_elements(By.CSS_SELECTOR, "main .study figure")
    still = {f.get_attribute("id") for f in figures if "readable" not in f.get_attribute("class")}
    assert still <= STILL
    readable = [figure for figure in figures if figure.get_attribute("id") not in still]
    assert {name for name, *_ in READ} <= {figure.get_attribute("id") for figure in readable}
    for figure in readable:
        shown = point_at(opened, figure, 0.2)
        assert re.search(r"[Dd]ay \d+", shown["at"]), figure.get_attribute("id")
        heads = shown["heads"]
        assert heads[2:] == ["95% CI", "At risk"]
        assert heads[1].split()[0] in {"Survival", "Incidence", "Probability", "Hazard", "Events"}
        assert any(row[1] != "–" for row in shown["rows"]), figure.get_attribute("id")
        assert any(row[3] not in {"–", "0"} for row in shown["rows"]), figure.get_attribute("id")


@pytest.mark.parametrize(("figure", "table", "endpoint", "value", "times", "off"), READ)
def test_what_is_read_out_is_what_the_table_holds(
    opened, tables, figure: str, table: str, endpoint: str, value: str, times: float, off: float
) -> None:
    element = opened.find_element(By.ID, figure)
    rows = tables[table]
    if endpoint:
        rows = rows[rows["endpoint"] == endpoint]
    by = next((c for c in ("family", "state", "cause") if c in rows.columns), None)
    for place in (0.25, 0.42):
        shown = point_at(opened, element, place)
        day = float(re.search(r"[Dd]ay (\d+)", shown["at"])[1])
        read = sorted(float(row[1].replace("−", "-")) for row in shown["rows"] if row[1] != "–")
        assert read
        expected = [
            times * held(of, day, value, smooth=value.startswith("haz") or by == "family")
            for _, of in rows.groupby(["stratum", by] if by else ["stratum"])
        ]
        for number in expected:
            assert np.isnan(number) or min(abs(number - one) for one in read) <= off, (figure, day)


def held(rows: pd.DataFrame, day: float, value: str, *, smooth: bool) -> float:
    """The table's value at a day; missing after the last row."""
    rows = rows.sort_values("time_days")
    time, values = rows["time_days"].to_numpy(float), rows[value].to_numpy(float)
    if not time[0] <= day <= time[-1]:
        return float("nan")
    if smooth:
        return float(np.interp(day, time, values))
    return float(values[np.searchsorted(time, day, side="right") - 1])


def point_at(browser, figure, place: float) -> dict[str, Any]:
    """What is read out with the pointer over the first panel, a share of the figure's width in."""
    svg = figure.find_element(By.CSS_SELECTOR, "svg")
    browser.execute_script("arguments[0].scrollIntoView({block: 'center'})", svg)
    across = (place - 0.5) * svg.size["width"]
    ActionChains(browser).move_to_element_with_offset(svg, across, 0).perform()
    found = browser.execute_script(
        """
        const text = (cells) => [...cells].map((cell) => cell.textContent);
        const readout = arguments[0].querySelector('.readout');
        const guide = arguments[0].querySelector('.guide');
        return JSON.stringify({
          at: readout.querySelector('.at').textContent,
          heads: text(readout.querySelectorAll('thead th')),
          rows: [...readout.querySelectorAll('tbody tr:not(.group)')].map((row) => text(row.cells)),
          guide: getComputedStyle(guide).display,
        });
        """,
        figure,
    )
    shown: dict[str, Any] = json.loads(found)
    assert shown["guide"] != "none"
    return shown
