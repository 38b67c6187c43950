"""Figures of fields say how many are at risk, where too few are, and of which endpoint they are."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
import pytest

from analyses.figures import draw_log_log, draw_stacked_incidence, draw_states
from analyses.figures.at_risk import at_risk_at, firm_until
from analyses.figures.look import Look
from analyses.figures.steps import step_curves
from analyses.report import labels


def people(n: int) -> pd.DataFrame:
    """One leaves a day, from day 1 on: relapsed on even days, dead on odd ones."""
    days = np.arange(1.0, n + 1)
    rows = []
    for cause, parity in (("relapse", 0), ("death", 1)):
        event = days % 2 == parity
        rows.append(
            pd.DataFrame(
                {
                    "stratum": "a",
                    "cause": cause,
                    "time_days": days,
                    "n_at_risk": n + 1 - days,
                    "n_event": event.astype(int),
                    "incidence": np.cumsum(event) / n,
                }
            )
        )
    return pd.concat(rows, ignore_index=True)


def states(n: int) -> pd.DataFrame:
    """As many as of `people`: those not yet dead are infused on odd counts and relapsed on even."""
    days = np.arange(1.0, n + 1)
    left = n + 1 - days
    parts = {"infusion": np.ceil(left / 2), "relapse": np.floor(left / 2), "death": 0 * left}
    return pd.concat(
        [
            pd.DataFrame(
                {
                    "stratum": "a",
                    "state": state,
                    "time_days": days,
                    "n_at_risk": at_risk,
                    "n_event": 0,
                    "probability": 1 / 3,
                }
            )
            for state, at_risk in parts.items()
        ]
    )


def texts(svg: str) -> list[str]:
    return re.findall(r"<text[^>]*>([^<]+)</text>", svg)


@pytest.mark.parametrize("kind", ["stacked", "states"])
def test_numbers_at_risk_stand_under_the_axis(kind: str) -> None:
    n = 50
    if kind == "stacked":
        drawing = draw_stacked_incidence(people(n), look=Look(unit="days"))
    else:
        drawing = draw_states(states(n), look=Look(unit="days"))
    assert drawing.axis is not None
    shown = texts(drawing.svg)
    assert "At risk" in shown
    after = shown[shown.index("At risk") + 1 :]
    wanted = [f"{n + 1 - max(tick, 1):.0f}" for tick in drawing.axis.ticks_days if tick <= n]
    assert after[: len(wanted)] == wanted


def test_fields_are_faint_where_fewer_than_ten_are_left() -> None:
    curves = step_curves(states(50), "probability", by="state")
    assert firm_until(curves, 10) == 41.0
    assert firm_until(step_curves(people(50), "incidence", by="cause")[:1], 10) == 41.0
    few = draw_stacked_incidence(people(50)).svg
    enough = draw_stacked_incidence(people(50), look=Look(faint_below=1)).svg
    assert few.count("opacity: 0.55") > enough.count("opacity: 0.55") == 0


def test_without_numbers_there_is_no_row() -> None:
    unknown = people(20).drop(columns="n_at_risk")
    assert "At risk" not in texts(draw_stacked_incidence(unknown).svg)
    assert at_risk_at(step_curves(unknown, "incidence", by="cause"), np.array([1.0])) is None


def test_a_figure_without_caption_names_its_endpoint() -> None:
    title = labels.endpoint("relapse")
    assert title in texts(draw_stacked_incidence(people(20), title=title).svg)
    curve = people(20).query("cause == 'death'").assign(survival=lambda r: 1 - r["incidence"])
    assert f"log(-log({title}))" in texts(draw_log_log(curve, title=title).svg)


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("crs_grade_3", "CRS grade 3"),
        ("unknown_icans", "Unknown ICANS"),
        ("product_a", "Product a"),
        ("crs", "CRS"),
        ("age_65_or_more", "Age 65 or more"),
    ],
)
def test_abbreviations_stay_in_capitals(code: str, said: str) -> None:
    assert labels.words(code) == said


def test_the_axis_of_a_duration_names_what_the_curve_shows() -> None:
    assert labels.free_of("duration_of_response") == "Still in response"
