"""Figures for readers: pure functions from result tables to SVG, and to PNG for run metadata.

Belongs here: drawing. Does not: estimating, deciding what may be disclosed, building a page.
Matplotlib is imported inside the functions that draw: `import analyses.figures` stays light.

`*_figure` functions return an SVG document; `draw_*` functions return a `Drawing`: that document
and the geometry of its panels, from which the report makes its read-out.
"""

from analyses.figures.attrition import attrition_figure
from analyses.figures.events import mean_count_figure
from analyses.figures.export import FORMATS, export
from analyses.figures.forest import ForestRow, forest_figure
from analyses.figures.incidence import draw_incidence, incidence_figure
from analyses.figures.look import Drawing, Look, Panel
from analyses.figures.modelled import extrapolation_figure, hazard_figure, log_log_figure
from analyses.figures.quality_adjusted import draw_quality_adjusted
from analyses.figures.quality_of_life import (
    draw_quality_of_life,
    draw_quality_of_life_scales,
    quality_of_life_figure,
)
from analyses.figures.quality_of_life_change import draw_quality_of_life_change
from analyses.figures.quality_of_life_heat_map import draw_quality_of_life_heat_map
from analyses.figures.quality_of_life_methods import draw_quality_of_life_methods
from analyses.figures.stacked import stacked_incidence_figure
from analyses.figures.states import states_figure
from analyses.figures.survival import draw_survival, survival_figure, survival_png
from analyses.figures.swimmer import swimmer_figure

__all__ = [
    "FORMATS",
    "Drawing",
    "ForestRow",
    "Look",
    "Panel",
    "attrition_figure",
    "draw_incidence",
    "draw_quality_adjusted",
    "draw_quality_of_life",
    "draw_quality_of_life_change",
    "draw_quality_of_life_heat_map",
    "draw_quality_of_life_methods",
    "draw_quality_of_life_scales",
    "draw_survival",
    "export",
    "extrapolation_figure",
    "forest_figure",
    "hazard_figure",
    "incidence_figure",
    "log_log_figure",
    "mean_count_figure",
    "quality_of_life_figure",
    "stacked_incidence_figure",
    "states_figure",
    "survival_figure",
    "survival_png",
    "swimmer_figure",
]
