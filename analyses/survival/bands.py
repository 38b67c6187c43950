"""Simultaneous bands: limits that hold the whole curve at once, not one time after another.

Belongs here: Hall-Wellner and equal-precision bands of a Kaplan-Meier curve. Does not belong here:
pointwise limits (limits.py) and the critical values (band_critical.py).
"""

from collections.abc import Callable
from typing import Literal, get_args

import numpy as np
import pandas as pd

from analyses.errors import AnalysisError
from analyses.survival.arrays import Floats, Ints, divide
from analyses.survival.band_critical import equal_precision_value, hall_wellner_value
from analyses.survival.counts import read_counts
from analyses.survival.product_limit import greenwood, survival

BandKind = Literal["equal_precision", "hall_wellner"]
BandTransform = Literal["log-log", "arcsine", "plain"]


def simultaneous_bands(
    counts: pd.DataFrame,
    *,
    kind: BandKind = "equal_precision",
    transform: BandTransform = "log-log",
    start: float | None = None,
    end: float | None = None,
    confidence: float = 0.95,
) -> pd.DataFrame:
    """Bands of the Kaplan-Meier curve of a count table (`risk_table`, `counts_from_duckdb`).

    `kind`: `equal_precision` (Nair 1984; proportional to the pointwise limits) or `hall_wellner`
    (Hall and Wellner 1980). `transform`: `log-log`, `arcsine` or `plain`, as Klein and Moeschberger
    (2003, section 4.4) write them. The band holds from `start` to `end` (days; by default the first
    event time and the last with survivors), and its coverage is that of the whole stretch.

    Returns `[by,] time, survival, band_lower, band_upper, critical_value`: a row for each time of
    the curve in the stretch; a group without an event has none. Raises `AnalysisError` for
    Hall-Wellner with delayed entry, whose scale is the number of people from the origin, and for a
    stretch that ends before it starts.
    """
    _check(kind, transform, start, end)
    ordered, by, at_risk, event = read_counts(counts)
    if kind == "hall_wellner":
        _refuse_entries(at_risk, by.code)
    time = ordered["time"].to_numpy(dtype=float)
    curve = survival(at_risk, event, by.code)
    variance = greenwood(at_risk, event, by.code)
    parts = []
    for code in range(by.count):
        mine = np.flatnonzero(by.code == code)
        known = mine[(variance[mine] > 0) & (curve[mine] > 0)]
        known = known[(time[known] >= (start or 0.0)) & (time[known] <= _end(end))]
        if not len(known):
            continue
        people = float(at_risk[mine[0]])
        value, width = _BANDS[kind](variance[known], people, confidence)
        lower, upper = _transformed(curve[known], width, transform)
        found = {
            "time": time[known],
            "survival": curve[known],
            "band_lower": lower,
            "band_upper": upper,
            "critical_value": np.full(len(known), value),
        }
        parts.append(by.label(by.code[known], found))
    if not parts:
        empty = dict.fromkeys(
            ("time", "survival", "band_lower", "band_upper", "critical_value"), np.empty(0)
        )
        return by.label(by.code[:0], empty)
    return pd.concat(parts, ignore_index=True)


def _equal_precision(variance: Floats, _: float, confidence: float) -> tuple[float, Floats]:
    """The critical value, and the width as a multiple of survival."""
    value = equal_precision_value(float(np.log(variance[-1] / variance[0])), confidence)
    return value, value * np.sqrt(variance)


def _hall_wellner(variance: Floats, people: float, confidence: float) -> tuple[float, Floats]:
    share = people * variance / (1 + people * variance)
    value = hall_wellner_value(float(share[0]), float(share[-1]), confidence)
    return value, value * (1 + people * variance) / np.sqrt(people)


_BANDS: dict[str, Callable[[Floats, float, float], tuple[float, Floats]]] = {
    "equal_precision": _equal_precision,
    "hall_wellner": _hall_wellner,
}


def _transformed(p: Floats, width: Floats, transform: str) -> tuple[Floats, Floats]:
    """Limits at `p`, `width` being critical value times relative standard deviation."""
    if transform == "plain":
        return np.maximum(p * (1 - width), 0.0), np.minimum(p * (1 + width), 1.0)
    if transform == "log-log":
        with np.errstate(over="ignore"):
            power = np.exp(width / -np.log(p))
        return p**power, p ** (1 / power)
    angle, reach = np.arcsin(np.sqrt(p)), width / 2 * np.sqrt(divide(p, 1 - p))
    lower = np.sin(np.maximum(angle - reach, 0.0)) ** 2
    upper = np.sin(np.minimum(angle + reach, np.pi / 2)) ** 2
    return lower, upper


def _check(kind: str, transform: str, start: float | None, end: float | None) -> None:
    for name, given, allowed in (
        ("kind", kind, get_args(BandKind)),
        ("transform", transform, get_args(BandTransform)),
    ):
        if given not in allowed:
            raise AnalysisError(f"{name} of a band is one of {', '.join(allowed)}, not '{given}'")
    if (start or 0.0) < 0 or _end(end) <= (start or 0.0):
        raise AnalysisError("a band holds from a day `start`, not negative, to a later day `end`")


def _end(end: float | None) -> float:
    return np.inf if end is None else end


def _refuse_entries(at_risk: Floats, group: Ints) -> None:
    grown = (np.diff(at_risk) > 0) & (np.diff(group) == 0)
    if grown.any():
        raise AnalysisError(
            "column 'n_at_risk' grows by entries after the origin: a Hall-Wellner band needs"
            " everybody from the origin; ask for an equal-precision band"
        )
