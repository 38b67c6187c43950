"""Texts that a spreadsheet leaves where a formula failed, in workbooks and in what is exported of
them."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

_TEXTS = pa.array(
    [
        *("#N/A", "#NULL!", "#DIV/0!", "#VALUE!", "#REF!", "#NAME?", "#NUM!", "#GETTING_DATA"),
        *("#SPILL!", "#CALC!", "#FIELD!", "#BLOCKED!", "#CONNECT!", "#UNKNOWN!"),
        *("#N/D", "#NUL!", "#VALEUR!", "#NOM?", "#NOMBRE!"),  # as French programs write them
    ]
)


def spreadsheet_errors(cells: pa.Array) -> pa.Array | None:
    """Which cells of a text array are such errors; None when none is."""
    if not pc.any(pc.match_substring(cells, "#")).as_py():
        return None
    wrong = pc.is_in(pc.utf8_trim_whitespace(cells), _TEXTS)
    return wrong if pc.any(wrong).as_py() else None
