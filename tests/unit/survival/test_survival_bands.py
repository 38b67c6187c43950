"""Simultaneous bands: their critical values and what they are of a curve.

Bands held against R's formulas are in tests/statistical (method `simultaneous_bands`).
"""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from analyses.errors import AnalysisError
from analyses.survival import kaplan_meier, risk_table, simultaneous_bands
from analyses.survival.band_critical import (
    _ornstein_uhlenbeck_stays,
    equal_precision_value,
    hall_wellner_value,
)
from tests.lib.parity_tables import lung, macs

# Klein and Moeschberger (2003), table C.4 (Hall and Wellner 1980), as km.ci 0.5.6 prints them:
# (a_L, a_U, confidence) -> k.
HALL_WELLNER = {
    (0.00, 0.10, 0.95): 0.6825,
    (0.10, 0.18, 0.95): 0.8832,
    (0.16, 0.18, 0.95): 0.8425,
    (0.50, 0.96, 0.95): 1.2731,
    (0.60, 0.98, 0.95): 1.1976,
    (0.24, 0.98, 0.95): 1.3544,
    (0.10, 0.60, 0.95): 1.3211,
}


@pytest.mark.parametrize(("stretch", "published"), HALL_WELLNER.items())
def test_hall_wellner_values_are_the_published_ones(
    stretch: tuple[float, float, float], published: float
) -> None:
    assert hall_wellner_value(*stretch) == pytest.approx(published, abs=6e-5)


def test_over_the_whole_bridge_the_value_is_that_of_kolmogorov() -> None:
    for confidence in (0.9, 0.95, 0.99):
        expected = stats.kstwobign.ppf(confidence)
        assert hall_wellner_value(0.0, 1.0, confidence) == pytest.approx(expected, abs=1e-9)


def nair(c: float, spread: float) -> float:
    """Probability of leaving, first order in the tail (Nair 1984; Miller and Siegmund 1982)."""
    density = stats.norm.pdf(c)
    return float(4 * density / c + density * (c - 1 / c) * spread)


@pytest.mark.parametrize("spread", [1.0, 3.0, 7.78])
def test_equal_precision_is_nairs_approximation_in_the_tail(spread: float) -> None:
    for c, within in ((3.0, 0.035), (4.0, 0.012), (5.0, 0.006)):
        exact = 1 - _ornstein_uhlenbeck_stays(c, spread / 2)
        assert exact == pytest.approx(nair(c, spread), rel=within)
    # km.ci's table, made of the approximation, has 3.2428 at (0.02, 0.98).
    assert equal_precision_value(7.783641, 0.95) == pytest.approx(3.2428, rel=0.003)


def test_equal_precision_decays_at_the_known_rate() -> None:
    """Absorbed at +-1 the slowest mode is the Hermite polynomial x^2 - 1, of rate 2."""
    late, later = (_ornstein_uhlenbeck_stays(1.0, duration) for duration in (4.0, 5.0))
    assert math.log(late / later) == pytest.approx(2.0, abs=1e-9)


def test_equal_precision_values_are_those_of_simulated_bridges() -> None:
    """A walk of 400 steps misses some excursions: it leaves a little less often."""
    random = np.random.default_rng(3)
    step = 1.5 / 400
    position = random.standard_normal(40_000)
    inside = np.abs(position) <= 2.6
    for _ in range(400):
        noise = random.standard_normal(len(position))
        position = position * math.exp(-step) + noise * math.sqrt(1 - math.exp(-2 * step))
        inside &= np.abs(position) <= 2.6
    left = 1 - inside.mean()
    # Chernoff, Siegmund: on a grid the border is as if further by 0.5826 standard deviations.
    shifted = 2.6 + 0.5826 * math.sqrt(2 * step)
    expected = 1 - _ornstein_uhlenbeck_stays(shifted, 1.5)
    assert left == pytest.approx(expected, abs=4 * math.sqrt(expected / 40_000))


def test_without_a_stretch_the_value_is_pointwise() -> None:
    assert equal_precision_value(0.0, 0.95) == pytest.approx(1.959963985)
    nearly = equal_precision_value(1e-4, 0.95)
    assert 1.96 < nearly < 2.02


@pytest.mark.parametrize("kind", ["equal_precision", "hall_wellner"])
@pytest.mark.parametrize("transform", ["log-log", "arcsine", "plain"])
def test_a_band_is_wider_than_pointwise_limits(kind: str, transform: str) -> None:
    counts = risk_table(lung(), by="sex")
    band = simultaneous_bands(counts, kind=kind, transform=transform, start=50, end=600)  # type: ignore[arg-type]
    pointwise = kaplan_meier(lung(), by="sex").merge(band, on=["sex", "time"])
    assert len(pointwise) == len(band) > 100
    assert band["time"].between(50, 600).all()
    assert (band["band_lower"] < band["survival"]).all()
    assert (band["band_upper"] > band["survival"]).all()
    assert band[["band_lower", "band_upper"]].to_numpy().min() >= 0
    assert band[["band_lower", "band_upper"]].to_numpy().max() <= 1
    if kind == "equal_precision" and transform == "log-log":
        assert (pointwise["band_lower"] < pointwise["ci_lower"]).all()
        assert (pointwise["band_upper"] > pointwise["ci_upper"]).all()


def test_the_unit_of_time_does_not_matter() -> None:
    days = simultaneous_bands(risk_table(lung()))
    years = simultaneous_bands(risk_table(lung().assign(time=lambda f: f["time"] / 365.25)))
    np.testing.assert_allclose(days.iloc[:, 1:], years.iloc[:, 1:], rtol=1e-9)


def test_kaplan_meier_carries_its_band() -> None:
    curve = kaplan_meier(lung(), by="sex", bands="equal_precision")
    band = simultaneous_bands(risk_table(lung(), by="sex"))
    carried = curve.dropna(subset=["band_lower"])
    assert len(carried) == len(band) <= len(curve)
    np.testing.assert_array_equal(carried["band_upper"], band["band_upper"])
    assert list(kaplan_meier(lung()).columns[-1:]) == ["ci_upper"]


def test_what_a_band_cannot_be_made_of() -> None:
    late = risk_table(macs(), entry="entry")
    assert len(simultaneous_bands(late))
    with pytest.raises(AnalysisError, match="needs everybody from the origin"):
        simultaneous_bands(late, kind="hall_wellner")
    with pytest.raises(AnalysisError, match="'weighted_at_risk' is not whole"):
        kaplan_meier(lung().assign(w=0.5), weight="w", bands="equal_precision")
    with pytest.raises(AnalysisError, match="kind of a band is one of"):
        simultaneous_bands(late, kind="scheffe")  # type: ignore[arg-type]
    with pytest.raises(AnalysisError, match="to a later day"):
        simultaneous_bands(late, start=5, end=5)
    nothing = pd.DataFrame({"time": [1, 2], "event": [0, 0]})
    assert simultaneous_bands(risk_table(nothing)).empty
