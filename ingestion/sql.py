"""SQL text: quoting, and the one definition of how delivered text is read as a type.

The same expression decides whether a row is quarantined and what the typed view shows, so a row
that was loaded can always be read. Nothing here runs SQL or knows a table.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

DataType = Literal["text", "integer", "number", "date", "timestamp", "boolean", "flag"]

DUCKDB_TYPES: dict[DataType, str] = {
    "text": "VARCHAR",
    "integer": "INTEGER",
    "number": "DOUBLE",
    "date": "DATE",
    "timestamp": "TIMESTAMP",
    "boolean": "BOOLEAN",
    "flag": "INTEGER",
}
# Day-first is what European registries write. Month-first is never guessed: it must be declared.
DAY_FIRST = ("%d/%m/%Y", "%d.%m.%Y", "%d-%m-%Y", "%d/%m/%Y %H:%M:%S", "%d/%m/%Y %H:%M")
SPACE = " \t\r\n\u00a0"  # around a cell: no part of it
_TRUE = ("true", "t", "1", "yes", "y", "o", "oui", "vrai", "ja", "j")
_FALSE = ("false", "f", "0", "no", "n", "non", "faux", "nein")


@dataclass(frozen=True)
class TextFormat:
    """How a source writes numbers and dates.

    `decimal` is "." or "," or None (either is accepted); `date_format` is a strptime format or
    None. ISO dates are always accepted. `day_first` says whether undeclared day-first dates are,
    too.
    """

    decimal: str | None = None
    date_format: str | None = None
    day_first: bool = True


ISO = TextFormat(day_first=False)


def identifier(name: str) -> str:
    """Quote a name for SQL."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """Quote a text for SQL."""
    return "'" + text.replace("'", "''") + "'"


def plain_path(path: Path) -> str:
    """A path as DuckDB is given it: absolute, and not taken for a pattern."""
    text = str(path.resolve())
    for mark in "[*?":
        text = text.replace(mark, f"[{mark}]")
    return text


def filled(expression: str) -> str:
    """The trimmed text, NULL when it is empty; tabs, line ends and hard spaces are space, too."""
    # Trimming a set of characters is six times slower than trimming spaces: only where needed.
    # Looking for each of them costs half of what a pattern does.
    spaces = " OR ".join(f"contains({expression}, chr({code}))" for code in map(ord, SPACE[1:]))
    wide = f"trim({expression}, '{SPACE}')"
    return f"nullif(CASE WHEN {spaces} THEN {wide} ELSE trim({expression}) END, '')"


def typed(expression: str, data_type: DataType, text_format: TextFormat) -> str:
    """An expression that reads delivered text as `data_type`; NULL when empty or unreadable."""
    return read(filled(expression), data_type, text_format)


def read(text: str, data_type: DataType, text_format: TextFormat) -> str:
    """The same of text that is `filled` already. It names the text many times: where there are
    many columns, let it be a column of an inner query, or binding takes longer than reading."""
    if data_type == "text":
        return text
    if data_type == "integer":
        return _integer(text)
    if data_type == "number":
        return _number(text, text_format)
    if data_type == "date":
        return f"CAST({_moment(text, text_format, 'DATE')} AS DATE)"
    if data_type == "timestamp":
        return _moment(text, text_format, "TIMESTAMP")
    if data_type == "boolean":
        return _boolean(text, "TRUE", "FALSE")
    return _boolean(f"regexp_replace({text}, '[.,]0+$', '')", "1", "0")


def _integer(text: str) -> str:
    # Tools that hold integers with gaps as floats write 3.0: it is the integer 3.
    return f"TRY_CAST(nullif(regexp_extract({text}, '^([+-]?[0-9]+)([.,]0+)?$', 1), '') AS INTEGER)"


def _number(text: str, text_format: TextFormat) -> str:
    digits = f"regexp_replace({text}, '[ \u00a0\u202f]', '', 'g')"
    if text_format.decimal != ".":
        # With a decimal comma, points before it are thousands marks, at every third digit.
        comma = "^[+-]?([0-9]{1,3}([.][0-9]{3})+|[0-9]*),[0-9]*([eE][+-]?[0-9]+)?$"
        digits = (
            f"CASE WHEN regexp_matches({digits}, '{comma}') "
            f"THEN replace(replace({digits}, '.', ''), ',', '.') ELSE {digits} END"
        )
    pattern = r"^[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?$"
    number = (
        f"TRY_CAST(CASE WHEN regexp_matches({digits}, '{pattern}') THEN {digits} END AS DOUBLE)"
    )
    return f"(CASE WHEN isfinite({number}) THEN {number} END)"


def _moment(text: str, text_format: TextFormat, target: str) -> str:
    iso = (
        f"{text} LIKE '____-__-__' OR {text} LIKE '____-__-__ __:__%' "
        f"OR {text} LIKE '____-__-__T__:__%'"
    )
    # A date delivered as a timestamp is its calendar day as written, whatever the offset says.
    read = f"left({text}, 10)" if target == "DATE" else text
    readings = [f"CASE WHEN {iso} THEN TRY_CAST(TRY_CAST({read} AS {target}) AS TIMESTAMP) END"]
    if text_format.date_format:
        readings.insert(0, f"try_strptime({text}, {literal(text_format.date_format)})")
    elif text_format.day_first:
        formats = ", ".join(literal(name) for name in DAY_FIRST)
        readings.append(f"try_strptime({text}, [{formats}])")
    moment = f"coalesce({', '.join(readings)})"
    # strptime reads a two-digit year under %Y as the first century: that is unreadable, not Roman.
    # And it reads words such as `infinity`: what holds no digit is no date.
    dated = f"regexp_matches({text}, '[0-9]') AND year({moment}) BETWEEN 1000 AND 9999"
    return f"(CASE WHEN {dated} THEN {moment} END)"


def _boolean(text: str, true: str, false: str) -> str:
    yes = ", ".join(literal(word) for word in _TRUE)
    no = ", ".join(literal(word) for word in _FALSE)
    word = f"lower({text})"
    return f"(CASE WHEN {word} IN ({yes}) THEN {true} WHEN {word} IN ({no}) THEN {false} END)"
