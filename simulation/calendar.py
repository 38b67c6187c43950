"""Dates as datetime64[D] arrays, and their texts by table look-up. Never the date of today."""

import datetime as dt

import numpy as np

from simulation.errors import SimulationError

LAST_DELIVERY = dt.date(2026, 6, 30)
MOST_DELIVERIES = 6
_FIRST, _LAST = np.datetime64("1890-01-01"), np.datetime64("2110-01-01")
_DAYS = np.arange(_FIRST, _LAST)


def _texts(pattern: str) -> np.ndarray:
    days = [dt.date.fromisoformat(text) for text in _DAYS.astype(str)]
    return np.asarray([day.strftime(pattern) for day in days], dtype=object)


_FRENCH = _texts("%d/%m/%Y")
_ISO = _DAYS.astype(str).astype(object)


def delivery_dates(deliveries: int) -> list[dt.date]:
    """One delivery a year, the last on 2026-06-30.

    Raises SimulationError when fewer than one or more than MOST_DELIVERIES are asked for.
    """
    if not 1 <= deliveries <= MOST_DELIVERIES:
        raise SimulationError(
            f"deliveries is {deliveries}: ask for 1 to {MOST_DELIVERIES} yearly deliveries"
        )
    years = range(LAST_DELIVERY.year - deliveries + 1, LAST_DELIVERY.year + 1)
    return [LAST_DELIVERY.replace(year=year) for year in years]


def french(days: np.ndarray) -> np.ndarray:
    """dd/mm/yyyy, empty text where the date is missing (NaT)."""
    return _look_up(days, _FRENCH)


def iso(days: np.ndarray) -> np.ndarray:
    """yyyy-mm-dd, empty text where the date is missing (NaT)."""
    return _look_up(days, _ISO)


def _look_up(days: np.ndarray, table: np.ndarray) -> np.ndarray:
    days = days.astype("datetime64[D]")
    missing = np.isnat(days)
    index = np.where(missing, 0, (days - _FIRST).astype(np.int64))
    out = table[index]
    out[missing] = ""
    return np.asarray(out)


def plus(start: np.ndarray, days: np.ndarray) -> np.ndarray:
    """`start` + `days`; NaT where either is missing or the days are infinite."""
    days = np.asarray(days, dtype=float)
    known = np.isfinite(days)
    shift = np.where(known, days, 0.0).astype(np.int64).astype("timedelta64[D]")
    out = start.astype("datetime64[D]") + shift
    out[~known] = np.datetime64("NaT")
    return np.asarray(out)


def known_by(dates: np.ndarray, limit: np.ndarray) -> np.ndarray:
    """`dates` with everything after `limit` unknown (NaT)."""
    return np.where(dates <= limit, dates, np.datetime64("NaT"))
