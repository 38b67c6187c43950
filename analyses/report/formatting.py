"""Numbers as a reader of a journal expects them.

Belongs here: digits, units, limits, and the words for what is NULL. Does not: tables or pages.
"""

from __future__ import annotations

from typing import Any, Final

import pandas as pd

NOT_REACHED: Final = "not reached"
NOT_ESTIMABLE: Final = "not estimable"
SUPPRESSED: Final = "suppressed"
NONE: Final = "\u2013"
DAYS_PER_MONTH: Final = 365.25 / 12
THIN: Final = "\u202f"  # narrow no-break space between thousands


def missing(value: object) -> bool:
    """Whether a cell holds no value (None, NaN, NaT, pandas.NA)."""
    return value is None or bool(pd.isna(value))


def number(value: Any, digits: int = 2, null: str = NOT_ESTIMABLE) -> str:
    """A number with fixed decimals and a true minus sign; `null` when there is none."""
    if missing(value):
        return null
    text = f"{float(value):,.{digits}f}".replace(",", THIN)
    if set(text) <= set("-0." + THIN):  # no negative zero
        text = text.lstrip("-")
    return text.replace("-", "\u2212")


def count(value: Any) -> str:
    """A number of people or rows; a NULL count was suppressed or is unknown."""
    return number(value, 0, null=NONE)


def percent(value: Any, digits: int = 1, null: str = NOT_ESTIMABLE) -> str:
    """A proportion in %, without the sign."""
    return null if missing(value) else number(float(value) * 100, digits)


def months(days: Any, null: str = NOT_REACHED) -> str:
    """Days as months of 30.44 days."""
    return null if missing(days) else number(float(days) / DAYS_PER_MONTH, 1)


def limits(lower: str, upper: str) -> str:
    """Confidence limits in words; nothing when neither is known."""
    unknown = {NOT_ESTIMABLE, NOT_REACHED, NONE}
    if lower in unknown and upper in unknown and lower == upper:
        return lower if lower == NOT_REACHED else NOT_ESTIMABLE
    return f"{lower} to {upper}"


def with_limits(value: str, lower: str, upper: str) -> str:
    """`value (lower to upper)`; the value alone when it or both limits are unknown."""
    if value == NOT_ESTIMABLE:
        return value
    inside = limits(lower, upper)
    if value == NOT_REACHED and inside == NOT_REACHED:
        return value
    return value if inside == NOT_ESTIMABLE else f"{value} ({inside})"


def p_value(value: Any) -> str:
    """A p-value: three decimals below 0.1, two above, never 0 or 1."""
    if missing(value):
        return NOT_ESTIMABLE
    p = float(value)
    if p < 0.001:
        return "<0.001"
    if p > 0.99:
        return ">0.99"
    return f"{p:.3f}" if p < 0.1 else f"{p:.2f}"


def significant(value: Any, null: str = NONE) -> str:
    """A number of unknown kind: whole numbers as they are, others to about three figures."""
    if missing(value):
        return null
    if isinstance(value, str):
        return value
    x = float(value)
    if x == int(x) and abs(x) < 1e15:
        return number(x, 0)
    size = abs(x)
    if size < 0.001:
        return f"{x:.1e}".replace("-", "\u2212")
    return number(x, 3 if size < 1 else 2 if size < 10 else 1)


def day_label(days: Any) -> str:
    """A horizon as readers say it: `12 months` for 365 or 366 days, `30 days` for 30."""
    whole = float(days)
    near = round(whole / DAYS_PER_MONTH)
    if whole > 92 and abs(near * DAYS_PER_MONTH - whole) <= 2:
        return f"{near} months"
    if whole > 92:
        return f"{number(whole / DAYS_PER_MONTH, 1)} months"
    return f"{number(whole, 0)} days"
