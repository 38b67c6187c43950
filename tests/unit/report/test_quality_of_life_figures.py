"""The figures of quality of life: what is drawn, and what a withheld number leaves out."""

from __future__ import annotations

import xml.etree.ElementTree as ET

import numpy as np
import pandas as pd
import pytest

from analyses import figures
from analyses.figures import Look
from analyses.report import labels
from analyses.report.context import StudyContext
from analyses.report.quality_of_life import quality_of_life_blocks
from analyses.report.quality_of_life_figures import method_of_each
from analyses.results import RESULT_TABLES

VISITS = {"baseline": 0.0, "M1": 30.0, "M6": 182.0, "M12": 365.0}


def texts(svg: str) -> list[str]:
    return ["".join(e.itertext()) for e in ET.fromstring(svg).iter() if "text" in e.tag]


def change(scale: str = "QL", threshold: float = 10.0) -> pd.DataFrame:
    rows = [
        {
            "scale": scale, "stratum": stratum, "visit": visit, "time_days": day, "n": 40,
            "threshold_improvement": threshold, "threshold_deterioration": threshold,
            "mean_change": 4.0 * number - 6, "ci_lower": 4.0 * number - 9,
            "ci_upper": 4.0 * number - 3, "n_improved": 20, "n_stable": 12, "n_deteriorated": 8,
        }
        for stratum in ("a", "b")
        for number, (visit, day) in enumerate(list(VISITS.items())[1:])
    ]  # fmt: skip
    return pd.DataFrame(rows)


def curve(*methods: str) -> pd.DataFrame:
    rows = [
        {
            "scale": "QL", "stratum": stratum, "visit": visit, "time_days": day, "method": method,
            "n_expected": 50, "n_completed": 40, "mean": 60.0 + number, "ci_lower": 55.0,
            "ci_upper": 66.0,
        }
        for stratum in ("a", "b")
        for number, method in enumerate(methods)
        for visit, day in VISITS.items()
    ]  # fmt: skip
    return pd.DataFrame(rows)


def test_a_line_a_method_in_a_panel_a_stratum() -> None:
    look = Look(names={"composite": "dead at the worst", "a": "Arm A"})
    methods = ["mixed_model", "composite"]
    drawing = figures.draw_quality_of_life_methods(
        curve(*methods, "observed"), methods, y_label="Mean", look=look
    )
    assert [panel.title for panel in drawing.panels] == ["Arm A", "b"]
    for panel in drawing.panels:
        assert [line.name for line in panel.means] == methods
        assert [point.value for point in panel.means[1].points] == [61.0] * 4
    assert len({panel.y_limits for panel in drawing.panels}) == 1
    assert "dead at the worst" in texts(drawing.svg)


def of_scale(scale: str, high: float, *methods: str) -> pd.DataFrame:
    """Means near the top of a scale, limits included."""
    return curve(*methods).assign(scale=scale, mean=0.9 * high, ci_lower=0.8 * high, ci_upper=high)


#: FACT-Lym: physical well-being without a model, the others with one.
FACT_LYM = pd.concat(
    [
        of_scale("PWB", 28, "observed"),
        of_scale("fact_g", 108, "observed", "mixed_model"),
        of_scale("toi", 116, "observed", "mixed_model"),
    ]
).assign(study_id="s", analysis_set="infused", instrument="fact-lym")


def test_small_panels_reach_from_end_to_end_of_their_own_scale() -> None:
    ends = labels.ends_of_scales(["PWB", "fact_g", "toi", "unknown"], "fact-lym")
    assert ends == {"PWB": (0, 28), "fact_g": (0, 108), "toi": (0, 116)}
    scales = ["PWB", "fact_g", "toi"]
    drawing = figures.draw_quality_of_life_scales(FACT_LYM, scales, ends=ends)
    assert [panel.y_limits for panel in drawing.panels] == [(0, 28), (0, 108), (0, 116)]
    for panel in drawing.panels:
        assert all(point.upper <= panel.y_limits[1] for point in panel.means[0].points)
    # Every panel has its own ticks; panels of one axis share those at the left.
    assert {"28", "108", "116"} <= set(texts(drawing.svg))
    ends = dict.fromkeys(scales, (0.0, 100.0))
    assert (
        texts(figures.draw_quality_of_life_scales(FACT_LYM, scales, ends=ends).svg).count("100")
        == 1
    )


def test_small_panels_have_the_method_of_each_scale_and_say_where_it_is_another() -> None:
    with_total = pd.concat([FACT_LYM, FACT_LYM[FACT_LYM["scale"] == "toi"].assign(scale="total")])
    columns = RESULT_TABLES["quality_of_life_curve"].names
    tables = {"quality_of_life_curve": with_total.reindex(columns=columns)}
    (block,) = quality_of_life_blocks(StudyContext({"id": "s"}, tables, ticks=True))
    figure = next(one for one in block.figures if one.id.endswith("-scales"))
    usual, other = (labels.METHODS[name] for name in ("mixed_model", "observed"))
    assert f"mean per visit ({usual})" in figure.caption
    assert f"Physical well-being: {other}." in figure.caption
    rows, named, others = method_of_each(FACT_LYM, ["PWB", "fact_g", "toi"])
    assert (named, others) == (usual, {"PWB": other})
    drawing = figures.draw_quality_of_life_scales(
        rows, ["PWB", "fact_g", "toi"], ends={}, estimand=usual, notes=others
    )
    # No panel is empty, and the one of another method says which.
    assert [len(panel.means) for panel in drawing.panels] == [2, 2, 2]
    assert texts(drawing.svg).count(other) == 1


def test_change_shows_its_band_shares_and_how_many_answered_both() -> None:
    drawing = figures.draw_quality_of_life_change(
        change(), better=1, y_label="Change", look=Look(names={"M6": "6 mo"})
    )
    shown = texts(drawing.svg)
    assert {"Improved", "Stable", "Deteriorated", "6 mo", "Answered both"} <= set(shown)
    assert shown.count("40") == 6  # people under every visit of both groups
    assert shown.count("50") >= 6  # 20 of 40 improved
    low, high = drawing.panels[0].y_limits
    assert low < -10
    assert high > 10  # the band is inside the picture
    # What is withheld or not known is not drawn.
    hidden = change().assign(n_improved=np.nan, n_stable=np.nan, n_deteriorated=np.nan)
    without = figures.draw_quality_of_life_change(hidden, better=1, y_label="C", look=Look())
    assert "Improved" not in texts(without.svg)


def test_direction_is_told_where_lower_is_better() -> None:
    for better, words in ((1, ["better", "worse"]), (-1, ["worse", "better"])):
        svg = figures.draw_quality_of_life_change(
            change(), better=better, y_label="Change", look=Look()
        ).svg
        assert [text for text in texts(svg) if text in ("better", "worse")] == words


def test_heat_map_has_a_number_a_cell_and_colours_by_what_matters() -> None:
    both = pd.concat([change("QL"), change("FA"), change("XX", threshold=np.nan)])
    svg = figures.draw_quality_of_life_heat_map(
        both, ["QL", "FA", "XX"], {"QL": 1, "FA": -1, "XX": 1}, look=Look(names={"QL": "Global"})
    )
    shown = texts(svg)
    assert "Global" in shown
    assert shown.count("\u22126") == 6  # M1 of three scales in two strata
    assert shown.count("+2") == 6
    utility = change().assign(mean_change=0.05, threshold_improvement=0.08)
    svg = figures.draw_quality_of_life_heat_map(utility, ["QL"], {"QL": 1}, look=Look())
    assert "+0.05" in texts(svg)


def test_years_are_drawn_beside_full_health() -> None:
    rows = pd.DataFrame(
        [
            {"stratum": s, "method": m, "horizon_days": h, "qaly": 0.6, "ci_lower": 0.5,
             "ci_upper": 0.7}
            for s in ("a", "b") for m in ("partitioned", "weighted") for h in (365.0, 730.0)
        ]
    )  # fmt: skip
    shown = texts(figures.draw_quality_adjusted(rows, look=Look(names={"a": "Arm A"})))
    assert {"Arm A", "b", "12 months", "24 months"} <= set(shown)


def test_the_curve_of_a_deterioration_says_that_it_is_of_those_without() -> None:
    assert labels.free_of("deterioration:qlq-c30:QL@definitive_2") == (
        "Without definitive deterioration"
    )
    assert labels.free_of("deterioration:qlq-c30:QL") == "Without deterioration"
    assert labels.free_of("overall_survival") == "Overall survival"
    # A site's own instrument may not be known where a release is read.
    assert "unknown" in labels.endpoint("deterioration:unknown:QL")


@pytest.mark.parametrize("many_died", [False, True])
def test_a_questionnaire_of_the_report_has_its_figures_and_folded_tables(many_died: bool) -> None:
    of_study = {"study_id": "s", "analysis_set": "infused", "instrument": "qlq-c30"}
    methods = ["observed", "mixed_model", "while_alive"]
    methods += ["composite", "survivors"] if many_died else []
    means = pd.concat([curve(*methods), curve("observed").assign(scale="FA")])
    tables = {
        "quality_of_life_curve": means,
        "quality_of_life_change": change(),
        "quality_of_life_difference": pd.DataFrame(
            [{"scale": "QL", "stratum": "b", "reference": "a", "visit": "M1", "difference": 3.0}]
        ),
    }
    tables = {
        name: frame.assign(**of_study).reindex(columns=RESULT_TABLES[name].names)
        for name, frame in tables.items()
    }
    (block,) = quality_of_life_blocks(StudyContext({"id": "s"}, tables, ticks=True))
    ids = [figure.id.removeprefix("s-qlq-c30-") for figure in block.figures]
    estimands = ["QL-estimands"] if many_died else []
    assert ids == ["QL", *estimands, "QL-change", "scales"]
    captions = [table.caption.partition(": ")[2] for table in block.folded]
    assert captions == [
        "mean scores", "change from baseline", "differences between groups, mixed model",
    ]  # fmt: skip
