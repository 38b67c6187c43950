"""Tables to a workbook (XLSX) with the standard library: text, numbers, dates and error cells.

The same tables give the same bytes; nothing here knows what a column means.
"""

import datetime as dt
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from xml.sax.saxutils import escape

import numpy as np
import pandas as pd

_SPACE = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_EPOCH = np.datetime64("1899-12-30", "D")
_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_LONG_AGO = (1980, 1, 1, 0, 0, 0)  # members bear one date, so that bytes repeat


@dataclass(frozen=True)
class ErrorCell:
    """What a formula left that failed, such as `#N/A`."""

    text: str


def excel_days(days: np.ndarray) -> np.ndarray:
    """Dates as cells: `datetime.date`, None where the date is missing (NaT)."""
    dated = days.astype("datetime64[D]")
    out = dated.astype(object)
    out[np.isnat(dated)] = None
    return np.asarray(out)


def write_workbook(path: Path, sheets: Mapping[str, pd.DataFrame]) -> None:
    """Writes one sheet a frame, its columns the first row. A cell is a text, a number, a date or an
    ErrorCell; None, NaN and empty text are empty cells."""
    parts = {
        "[Content_Types].xml": _content_types(len(sheets)),
        "_rels/.rels": _links([("officeDocument", "xl/workbook.xml")]),
        "xl/workbook.xml": _book(list(sheets)),
        "xl/_rels/workbook.xml.rels": _links(
            [
                *(("worksheet", f"worksheets/sheet{i + 1}.xml") for i in range(len(sheets))),
                ("styles", "styles.xml"),
            ]
        ),
        "xl/styles.xml": _styles(),
        **{
            f"xl/worksheets/sheet{i + 1}.xml": _sheet(frame)
            for i, frame in enumerate(sheets.values())
        },
    }
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in parts.items():
            item = zipfile.ZipInfo(name, _LONG_AGO)
            item.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(item, _HEAD + text)


def _content_types(sheets: int) -> str:
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml"
    parts = {"/xl/workbook.xml": "sheet.main", "/xl/styles.xml": "styles"}
    parts |= {f"/xl/worksheets/sheet{i + 1}.xml": "worksheet" for i in range(sheets)}
    overrides = "".join(
        f'<Override PartName="{name}" ContentType="{kind}.{what}+xml"/>'
        for name, what in parts.items()
    )
    return (
        f'<Types xmlns="{_PACKAGE}/content-types"><Default Extension="rels" '
        f'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Default Extension="xml" ContentType="application/xml"/>{overrides}</Types>'
    )


def _links(targets: Sequence[tuple[str, str]]) -> str:
    links = "".join(
        f'<Relationship Id="r{i + 1}" Type="{_OFFICE}/{kind}" Target="{target}"/>'
        for i, (kind, target) in enumerate(targets)
    )
    return f'<Relationships xmlns="{_PACKAGE}/relationships">{links}</Relationships>'


def _book(names: Sequence[str]) -> str:
    sheets = "".join(
        f'<sheet name="{escape(name)}" sheetId="{i + 1}" r:id="r{i + 1}"/>'
        for i, name in enumerate(names)
    )
    return f'<workbook xmlns="{_SPACE}" xmlns:r="{_OFFICE}"><sheets>{sheets}</sheets></workbook>'


def _styles() -> str:
    return (
        f'<styleSheet xmlns="{_SPACE}"><fonts count="1"><font/></fonts><fills count="1"><fill/>'
        '</fills><borders count="1"><border/></borders><cellStyleXfs count="1"><xf/></cellStyleXfs>'
        '<cellXfs count="2"><xf numFmtId="0"/><xf numFmtId="14" applyNumberFormat="1"/></cellXfs>'
        "</styleSheet>"
    )


def _sheet(frame: pd.DataFrame) -> str:
    letters = [_letters(i) for i in range(len(frame.columns))]
    columns = [list(frame.columns), *frame.itertuples(index=False, name=None)]
    rows = [
        f'<row r="{number}">'
        + "".join(_cell(f"{letters[i]}{number}", value) for i, value in enumerate(row))
        + "</row>"
        for number, row in enumerate(columns, start=1)
    ]
    return f'<worksheet xmlns="{_SPACE}"><sheetData>{"".join(rows)}</sheetData></worksheet>'


def _cell(place: str, value: object) -> str:
    if value is None or value == "" or value != value:  # NaN is not itself
        return ""
    if isinstance(value, ErrorCell):
        return f'<c r="{place}" t="e"><v>{escape(value.text)}</v></c>'
    if isinstance(value, dt.date):
        serial = (np.datetime64(value, "D") - _EPOCH).astype(int)
        return f'<c r="{place}" s="1"><v>{serial}</v></c>'
    if isinstance(value, int | float | np.number):
        return f'<c r="{place}"><v>{value}</v></c>'
    return f'<c r="{place}" t="inlineStr"><is><t>{escape(str(value))}</t></is></c>'


def _letters(index: int) -> str:
    text = ""
    while index >= 0:
        index, rest = divmod(index, 26)
        text, index = chr(65 + rest) + text, index - 1
    return text
