"""Figures for readers: pure functions from result tables to SVG, and to PNG for run metadata.

Belongs here: drawing. Does not: estimating, deciding what may be disclosed, building a page.
Matplotlib is imported inside the functions that draw: `import analyses.figures` stays light.

`*_figure` functions return an SVG document; `draw_*` functions return a `Drawing`: that document
and the geometry of its panels, from which the report makes its read-out.
"""

from analyses.figures.attrition import attrition_figure
from analyses.figures.curve_panel import MOST_BANDS
from analyses.figures.events import draw_mean_count
from analyses.figures.export import FORMATS, export
from analyses.figures.forest import ForestRow, forest_figure
from analyses.figures.incidence import draw_incidence, incidence_figure
from analyses.figures.log_log import draw_log_log
from analyses.figures.look import Drawing, Look, Panel
from analyses.figures.modelled import draw_extrapolation, draw_hazard
from analyses.figures.quality_adjusted import draw_quality_adjusted
from analyses.figures.quality_of_life import (
    draw_quality_of_life,
    draw_quality_of_life_scales,
    quality_of_life_figure,
)
from analyses.figures.quality_of_life_change import draw_quality_of_life_change
from analyses.figures.quality_of_life_heat_map import draw_quality_of_life_heat_map
from analyses.figures.quality_of_life_methods import draw_quality_of_life_methods
from analyses.figures.stacked import REST, draw_stacked_incidence
from analyses.figures.states import draw_states
from analyses.figures.survival import draw_survival, survival_figure, survival_png
from analyses.figures.swimmer import swimmer_figure

__all__ = [
    "FORMATS",
    "MOST_BANDS",
    "REST",
    "Drawing",
    "ForestRow",
    "Look",
    "Panel",
    "attrition_figure",
    "draw_extrapolation",
    "draw_hazard",
    "draw_incidence",
    "draw_log_log",
    "draw_mean_count",
    "draw_quality_adjusted",
    "draw_quality_of_life",
    "draw_quality_of_life_change",
    "draw_quality_of_life_heat_map",
    "draw_quality_of_life_methods",
    "draw_quality_of_life_scales",
    "draw_stacked_incidence",
    "draw_states",
    "draw_survival",
    "export",
    "forest_figure",
    "incidence_figure",
    "quality_of_life_figure",
    "survival_figure",
    "survival_png",
    "swimmer_figure",
]
