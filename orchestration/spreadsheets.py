"""Text that a spreadsheet would run, written so that it is shown instead.

For every CSV that leaves a home: a delivered code may be `=HYPERLINK(...)`.
"""

from __future__ import annotations

import re

#: A spreadsheet takes a cell that starts so for a formula.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_NUMBER = re.compile(r"[+-]?[0-9]+([.,][0-9]+)?([eE][+-]?[0-9]+)?")


def as_text(value: object) -> object:
    """The value with a quote before it when it is text that begins like a formula.

    A number with its sign, although text, is none. A carriage return becomes a line feed: writers
    of CSV put quotes around the one and not around the other, and a row would begin within a cell.
    """
    if not isinstance(value, str):
        return value
    value = value.replace("\r\n", "\n").replace("\r", "\n")
    if not value.startswith(FORMULA_STARTS):
        return value
    return value if _NUMBER.fullmatch(value) else f"'{value}"
