"""The hazard without a model: Nelson-Aalen's steps smoothed by a kernel that knows the boundaries.

Belongs here: the kernel estimate. Does not belong here: fitted hazards (prediction.py).
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from analyses.errors import AnalysisError
from analyses.survival.arrays import Floats
from analyses.survival.counts import risk_table
from analyses.survival.limits import normal_quantile

POINTS = 101


def smoothed_hazard(
    frame: pd.DataFrame,
    *,
    time: str = "time",
    event: str = "event",
    entry: str | None = None,
    bandwidth: float | None = None,
    confidence: float = 0.95,
    points: int = POINTS,
    min_at_risk: int = 10,
) -> pd.DataFrame:
    """`time, n_at_risk, hazard, std_error, ci_lower, ci_upper, bandwidth` on a grid of `points`.

    Muller and Wang (Biometrics 1994): the jumps d / n of the Nelson-Aalen estimate smoothed by
    Epanechnikov's kernel, replaced within a bandwidth of either end by their boundary kernel, so
    that the estimate does not fall towards 0 there. `bandwidth` (in the unit of time) is by default
    that of the pilot estimate of R's `muhaz`, range / (8 d^0.2), twice as wide: no bandwidth is
    sought that fits best. The grid runs from 0 to the last time with `min_at_risk` people at risk.
    Limits on the log scale; variance sum of K^2 d / n^2. Raises `AnalysisError` without an event.
    """
    counts = risk_table(frame, time=time, event=event, entry=entry)
    enough = counts[counts["n_at_risk"] >= min_at_risk]
    if not (enough["n_event"] > 0).any():
        raise AnalysisError(f"no event while {min_at_risk} people or more are at risk")
    events = counts[counts["n_event"] > 0]
    shown, end = float(enough["time"].max()), float(counts["time"].max())
    deaths = events["n_event"].to_numpy(dtype=float)
    width = bandwidth or 2 * shown / (8 * float(deaths.sum()) ** 0.2)
    if not (np.isfinite(width) and width > 0):
        raise AnalysisError("bandwidth must be a finite number above 0")
    width = min(width, end / 2)
    at_risk = events["n_at_risk"].to_numpy(dtype=float)
    grid = np.linspace(0.0, shown, points)
    kernel = _kernel(grid, events["time"].to_numpy(dtype=float), width, end)
    hazard = np.maximum(kernel @ (deaths / at_risk) / width, 0.0)
    error = np.sqrt(kernel**2 @ (deaths / at_risk**2)) / width
    with np.errstate(divide="ignore", invalid="ignore"):
        factor = np.exp(normal_quantile(confidence) * error / hazard)
    times = counts["time"].to_numpy(dtype=float)
    place = np.minimum(np.searchsorted(times, grid), len(times) - 1)
    return pd.DataFrame(
        {
            "time": grid,
            "n_at_risk": counts["n_at_risk"].to_numpy()[place],
            "hazard": hazard,
            "std_error": error,
            "ci_lower": np.where(hazard > 0, hazard / factor, np.nan),
            "ci_upper": np.where(hazard > 0, hazard * factor, np.nan),
            "bandwidth": width,
        }
    )


def _kernel(grid: Floats, times: Floats, width: float, end: float) -> Floats:
    """Weights of the times (columns) at the grid (rows)."""
    z = (grid[:, None] - times[None, :]) / width
    q = np.ones_like(grid)
    q = np.minimum(q, grid / width)
    left = _boundary(q[:, None], z)
    q_right = np.minimum(1.0, (end - grid) / width)
    right = _boundary(q_right[:, None], -z)
    near_end = grid > end - width
    weights: Floats = np.where(near_end[:, None], right, left)
    return weights


def _boundary(q: Floats, z: Floats) -> Floats:
    """Muller and Wang's boundary kernel on [-1, q]; Epanechnikov's where q is 1."""
    inside = (z >= -1) & (z <= q)
    linear = (1 - 2 * q) * z + (3 * q**2 - 2 * q + 1) / 2
    value = 12 / (1 + q) ** 4 * (z + 1) * linear
    epanechnikov = 0.75 * (1 - z**2)
    weights: Floats = np.where(inside, np.where(q >= 1, epanechnikov, value), 0.0)
    return weights
