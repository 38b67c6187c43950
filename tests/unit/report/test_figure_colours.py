"""Colours of strata stay apart for readers who do not see red, or do not see green."""

from __future__ import annotations

import re
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest

from analyses.figures.style import PALETTE

STYLE = Path(__file__).parents[3] / "analyses" / "report" / "templates" / "style.css"
LEAST = 15.0  # CIE 1976 distance; 2.3 is just noticeable between fields that touch
#: Machado, Oliveira and Fernandes (2009), IEEE Trans Vis Comput Graph 15: 1291-1298, severity 1.0.
VISION = {
    "normal": np.eye(3),
    "protanopia": np.array(
        [
            [0.152286, 1.052583, -0.204868],
            [0.114503, 0.786281, 0.099216],
            [-0.003882, -0.048116, 1.051998],
        ]
    ),
    "deuteranopia": np.array(
        [
            [0.367322, 0.860646, -0.227968],
            [0.280085, 0.672501, 0.047413],
            [-0.011820, 0.042940, 0.968881],
        ]
    ),
}
#: Linear sRGB to CIE XYZ, white D65 (IEC 61966-2-1).
TO_XYZ = np.array(
    [
        [0.4124564, 0.3575761, 0.1804375],
        [0.2126729, 0.7151522, 0.0721750],
        [0.0193339, 0.1191920, 0.9503041],
    ]
)


def lab(colour: str, vision: str) -> np.ndarray:
    """CIELAB of `#rrggbb` as it is seen."""
    shares = np.array([int(colour[place : place + 2], 16) for place in (1, 3, 5)]) / 255
    linear = np.where(shares <= 0.04045, shares / 12.92, ((shares + 0.055) / 1.055) ** 2.4)
    seen = np.clip(VISION[vision] @ linear, 0, 1)
    ratio = (TO_XYZ @ seen) / TO_XYZ.sum(axis=1)
    bend = (6 / 29) ** 3
    f = np.where(ratio > bend, np.cbrt(ratio), ratio / (3 * (6 / 29) ** 2) + 4 / 29)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


def least_distance(colours: tuple[str, ...], vision: str) -> float:
    """Of the two colours that are nearest to each other."""
    seen = [lab(colour, vision) for colour in colours]
    return min(float(np.linalg.norm(one - other)) for one, other in combinations(seen, 2))


def palettes() -> dict[str, tuple[str, ...]]:
    """The series colours of the report, by light, dark and printed."""
    text = STYLE.read_text()
    start, dark, printed = (
        text.index(mark)
        for mark in (":root", "@media (prefers-color-scheme: dark)", "@media print")
    )
    parts = {"light": text[start:dark], "dark": text[dark:printed], "print": text[printed:]}
    return {
        name: tuple(colour for _, colour in sorted(re.findall(r"--series-(\d): (#\w{6})", part)))
        for name, part in parts.items()
    }


def test_white_and_red_are_where_cie_has_them() -> None:
    assert lab("#ffffff", "normal") == pytest.approx([100, 0, 0], abs=0.01)
    assert lab("#ff0000", "normal") == pytest.approx([53.24, 80.09, 67.20], abs=0.02)


@pytest.mark.parametrize("vision", VISION)
@pytest.mark.parametrize("name", ["figure", "light", "dark", "print"])
def test_any_two_colours_are_told_apart(name: str, vision: str) -> None:
    colours = {**palettes(), "figure": PALETTE}[name]
    assert len(colours) == len(PALETTE)
    assert least_distance(colours, vision) >= LEAST


def test_light_and_printed_colours_of_the_report_are_those_of_a_figure() -> None:
    lowered = tuple(colour.lower() for colour in PALETTE)
    assert palettes()["light"] == palettes()["print"] == lowered


@pytest.mark.parametrize("pair", [("#d62728", "#2ca02c"), ("#ff0000", "#00aa00")])
def test_a_red_and_a_green_would_not_be(pair: tuple[str, str]) -> None:
    assert least_distance(pair, "normal") > 100
    assert least_distance(pair, "deuteranopia") < LEAST
