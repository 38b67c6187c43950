"""The parts of a contract: how files are written, tables, columns, revisions. What they say
together is checked in `contracts`; nothing here opens a file.
"""

from __future__ import annotations

import codecs
import re
from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    field_validator,
    model_validator,
)
from pydantic_core import PydanticCustomError

from ingestion.tables import fold, matches

Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$", max_length=60)]


def fault(message: str, *at: str | int) -> PydanticCustomError:
    """An error of a part of a contract that stands at the key `at`, seen from that part."""
    return PydanticCustomError("fault", "{message}", {"message": message, "at": at})


class Part(BaseModel):
    """A part of a contract: unknown keys are errors."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class CsvFormat(Part):
    """How delimited files are written; what is absent is sniffed from each file and reported."""

    delimiter: Annotated[str, StringConstraints(min_length=1, max_length=1)] | None = None
    encoding: str | None = None
    decimal: Literal[".", ","] | None = None
    date_format: str | None = None

    @field_validator("encoding")
    @classmethod
    def _known_encoding(cls, value: str | None) -> str | None:
        if value is not None and not _is_text_encoding(value):
            raise ValueError("no such encoding of text; usual ones are utf-8, cp1252, iso-8859-15")
        return value

    @field_validator("delimiter")
    @classmethod
    def _usable_delimiter(cls, value: str | None) -> str | None:
        if value is not None and value in '\r\n"\0':
            raise ValueError("a quote or a line end cannot separate fields")
        if value is not None and not value.isascii():
            raise ValueError("a delimiter is one byte: an ASCII character, such as ; or |")
        return value

    @field_validator("date_format")
    @classmethod
    def _strptime(cls, value: str | None) -> str | None:
        if value is not None and not _is_date_format(value):
            raise ValueError(
                'use strptime codes for day, month and year, such as "%d/%m/%Y" or "%Y%m%d"'
            )
        return value


class ColumnContract(Part):
    """One delivered column: `header` is the name in the file (default: the canonical name)."""

    header: str | None = None
    type: Literal["text", "integer", "number", "date", "timestamp", "boolean"] = "text"
    required: bool = False
    identifier: Literal["pseudonym", "drop", "birth_month"] | None = None
    kind: Literal["patient", "treatment", "batch", "event", "questionnaire"] | None = None
    start: int | None = Field(None, ge=1, le=1_000_000)  # of fixed-width files: first character
    length: int | None = Field(None, ge=1, le=100_000)
    unit: Annotated[str, StringConstraints(min_length=1, max_length=40)] | None = None
    codes: tuple[str, ...] = ()  # what a cell may hold; anything else is told, and loaded

    @model_validator(mode="after")
    def _consistent(self) -> ColumnContract:
        if self.identifier == "pseudonym" and self.kind is None:
            raise ValueError(
                "a pseudonym needs `kind`: patient, treatment, batch, event or questionnaire"
            )
        if self.kind is not None and self.identifier != "pseudonym":
            raise ValueError("`kind` goes with `identifier: pseudonym`")
        if self.identifier == "birth_month" and self.type != "date":
            raise ValueError("`identifier: birth_month` needs `type: date`")
        if (self.start is None) != (self.length is None):
            raise ValueError("a column of a fixed-width file needs `start` and `length`")
        if self.codes and self.identifier:
            raise ValueError("an identifier has no list of codes")
        return self


class TableContract(Part):
    """One delivered table: which files hold it, what must be filled, and its columns."""

    files: str
    sheet: Annotated[str, StringConstraints(min_length=1)] | None = None  # pattern, of workbooks
    key: tuple[Name, ...] = ()
    required: bool | None = None  # default: required when one of its columns is
    line_length: int | None = Field(None, ge=1)  # of fixed-width files: other lines are refused
    header_lines: int = Field(0, ge=0, le=100)  # of fixed-width files: lines above the rows
    columns: dict[Name, ColumnContract] = Field(min_length=1)

    @field_validator("files")
    @classmethod
    def _inside(cls, value: str) -> str:
        if "/" in value or "\\" in value or value.startswith((".", "_")):
            raise ValueError("a file pattern names files of the delivery folder, without folders")
        return value

    @model_validator(mode="after")
    def _consistent(self) -> TableContract:
        for name in self.key:
            if name not in self.columns:
                raise fault(f"key column `{name}` is not among the columns", "key")
            if self.columns[name].identifier == "drop":
                raise fault(f"key column `{name}` is dropped; replace it by a pseudonym", "key")
        seen: dict[str, str] = {}
        for name, column in self.columns.items():
            header = fold(column.header or name)
            if header in seen:
                message = f"columns `{seen[header]}` and `{name}` have the same header"
                raise fault(message, "columns", name)
            seen[header] = name
        self._check_positions()
        return self

    def _check_positions(self) -> None:
        placed = [column for column in self.columns.values() if column.start is not None]
        if not placed and (self.line_length or self.header_lines):
            raise fault(
                "`line_length` and `header_lines` are of fixed-width files, whose columns have "
                "`start` and `length`",
                "line_length" if self.line_length else "header_lines",
            )
        if placed and len(placed) < len(self.columns):
            without = [name for name, column in self.columns.items() if column.start is None]
            raise fault(
                f"columns without `start` and `length` in a fixed-width file: {', '.join(without)}",
                "columns",
                without[0],
            )


class Place(Part):
    """Where a column of a fixed-width file stands: its first character, from 1, and its length."""

    start: int = Field(ge=1, le=1_000_000)
    length: int = Field(ge=1, le=100_000)


class Revision(Part):
    """From a delivery date on, or in some sheets of a workbook, headers of one table were renamed
    (old: new), added or dropped. Renamings of a sheet start at the declared headers. In
    fixed-width files columns were moved (header: place), and lines have another length."""

    from_: date | None = Field(None, alias="from")
    sheet: Annotated[str, StringConstraints(min_length=1)] | None = None
    table: Name
    renamed: dict[str, str] = {}
    added: tuple[str, ...] = ()
    dropped: tuple[str, ...] = ()
    moved: dict[str, Place] = {}
    line_length: int | None = Field(None, ge=1)
    header_lines: int | None = Field(None, ge=0, le=100)

    @model_validator(mode="after")
    def _one_place(self) -> Revision:
        if (self.from_ is None) == (self.sheet is None):
            raise ValueError("a revision has `from` (a delivery date) or `sheet`, one of them")
        if self.sheet is not None and (self.moved or self.line_length or self.header_lines):
            message = "a sheet has no places of characters: leave out `moved` and the like"
            raise fault(message, "sheet")
        return self

    def holds(self, day: date, sheet: str | None) -> bool:
        """Whether it is in force in a delivery of `day`, in a sheet (None: no sheet is named)."""
        if self.from_ is not None:
            return day >= self.from_
        return sheet is not None and matches(sheet, self.sheet or "")


def _is_text_encoding(name: str) -> bool:
    try:
        # Codecs such as base64 or rot13 turn bytes into bytes, or text into text.
        if not getattr(codecs.lookup(name), "_is_text_encoding", True):
            return False
        written = codecs.lookup(name).encode("a;1\r\n")[0]
        if codecs.getincrementaldecoder(name)("replace").decode(written, final=True) != "a;1\r\n":
            return False
    except (LookupError, ValueError, AttributeError, TypeError):
        return False
    return name.lower().replace("_", "-") not in ("idna", "punycode", "undefined", "oem", "mbcs")


def _is_date_format(text: str) -> bool:
    """Whether a day can be written and read back; words and time zones are not what is meant."""
    if not re.fullmatch(r"(%[-]?[dmyYjbBHMSfp]|[^%])*", text):
        return False
    day = datetime(2025, 11, 23)
    try:
        plain = text.replace("%-", "%")
        return datetime.strptime(day.strftime(plain), plain).date() == day.date()
    except ValueError:
        return False
