"""Contracts: what a source delivers, as a validated YAML file. The schema lives here;
`contract_files` reads the files. Nothing here opens a delivery.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from datetime import date
from functools import cached_property
from typing import Annotated, Any, Literal

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    field_validator,
    model_validator,
)

from ingestion import common_extract, fhir_answers
from ingestion.sql import ISO, DataType, TextFormat
from ingestion.tables import Column, Table, matches

Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$", max_length=60)]
Format = Literal["common_extract", "delimited", "fhir_questionnaire_response"]
# Raised when the way files are turned into raw rows changes, so that raw is made anew.
LOADER_VERSION = 2


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class CsvFormat(_Model):
    """How delimited files are written; what is absent is sniffed from each file and reported."""

    delimiter: Annotated[str, StringConstraints(min_length=1, max_length=1)] | None = None
    encoding: str | None = None
    decimal: Literal[".", ","] | None = None
    date_format: str | None = None

    @field_validator("encoding")
    @classmethod
    def _known_encoding(cls, value: str | None) -> str | None:
        if value is not None:
            try:
                b"".decode(value)
            except (LookupError, UnicodeError) as error:
                raise ValueError(
                    "no such encoding; usual ones are utf-8, cp1252, iso-8859-15"
                ) from error
        return value

    @field_validator("delimiter")
    @classmethod
    def _usable_delimiter(cls, value: str | None) -> str | None:
        if value is not None and value in '\r\n"\0':
            raise ValueError("a quote or a line end cannot separate fields")
        return value

    @field_validator("date_format")
    @classmethod
    def _strptime(cls, value: str | None) -> str | None:
        if value is not None and not re.search(r"%[dj]", value):
            raise ValueError('use strptime codes, such as "%d/%m/%Y"')
        return value


class ColumnContract(_Model):
    """One delivered column: `header` is the name in the file (default: the canonical name)."""

    header: str | None = None
    type: Literal["text", "integer", "number", "date", "timestamp", "boolean"] = "text"
    required: bool = False
    identifier: Literal["pseudonym", "drop", "birth_month"] | None = None
    kind: Literal["patient", "treatment", "batch", "event", "questionnaire"] | None = None

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
        return self


class TableContract(_Model):
    """One delivered table: which files hold it, what must be filled, and its columns."""

    files: str
    sheet: Annotated[str, StringConstraints(min_length=1)] | None = None  # pattern, of workbooks
    key: tuple[Name, ...] = ()
    required: bool | None = None  # default: required when one of its columns is
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
                raise ValueError(f"key column `{name}` is not among the columns")
            if self.columns[name].identifier == "drop":
                raise ValueError(f"key column `{name}` is dropped; replace it by a pseudonym")
        seen: dict[str, str] = {}
        for name, column in self.columns.items():
            header = fold(column.header or name)
            if header in seen:
                raise ValueError(f"columns `{seen[header]}` and `{name}` have the same header")
            seen[header] = name
        return self


class Revision(_Model):
    """From a delivery date on, or in some sheets of a workbook, headers of one table were renamed
    (old: new), added or dropped. Renamings of a sheet start at the declared headers."""

    from_: date | None = Field(None, alias="from")
    sheet: Annotated[str, StringConstraints(min_length=1)] | None = None
    table: Name
    renamed: dict[str, str] = {}
    added: tuple[str, ...] = ()
    dropped: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _one_place(self) -> Revision:
        if (self.from_ is None) == (self.sheet is None):
            raise ValueError("a revision has `from` (a delivery date) or `sheet`, one of them")
        return self

    def holds(self, day: date, sheet: str | None) -> bool:
        """Whether it is in force in a delivery of `day`, in a sheet (None: no sheet is named)."""
        if self.from_ is not None:
            return day >= self.from_
        return sheet is not None and matches(sheet, self.sheet or "")


class Contract(_Model):
    """What one source delivers. `tables` and `text_format` say it in the shape readers use."""

    source: Name
    title: str = ""
    format: Format
    delivery: Literal["snapshot", "increment"] = "snapshot"
    complete_when: Literal["present", "success_marker"] = "present"
    registers_from: Literal["infusion", "apheresis", "decision"] = "infusion"
    identity: Name | None = None
    owner: str | None = None
    csv: CsvFormat = Field(default_factory=CsvFormat)
    reject_above: float = Field(0.2, ge=0, le=1)
    direct_identifiers: tuple[str, ...] = ()
    death_cause_map: dict[str, str] = {}
    code_maps: dict[Name, dict[str, str]] = {}
    declared: dict[Name, TableContract] = Field({}, alias="tables")
    revisions: tuple[Revision, ...] = ()

    @model_validator(mode="after")
    def _consistent(self) -> Contract:
        if self.source == "common_extract":
            raise ValueError(
                "`common_extract` is the name of the format; name the source after its owner"
            )
        if self.format == "delimited" and not self.declared:
            raise ValueError("`format: delimited` needs `tables`")
        if self.format != "delimited" and (self.declared or self.revisions):
            raise ValueError(
                f"`format: {self.format}` has fixed tables: leave out `tables` and `revisions`"
            )
        for revision in self.revisions:
            self._check_revision(revision)
        return self

    def _check_revision(self, revision: Revision) -> None:
        if revision.table not in self.declared:
            raise ValueError(
                f"a revision names table `{revision.table}`, which is not among the tables"
            )
        if revision.sheet is not None and self.declared[revision.table].sheet is None:
            raise ValueError(
                f"a revision of a sheet needs `sheet` on the table `{revision.table}`, too"
            )
        same = [r for r in self.revisions if r.table == revision.table]
        known = {fold(c.header or n) for n, c in self.declared[revision.table].columns.items()}
        for other in same:
            # A renaming that touches a known header makes its other name known.
            known |= {fold(h) for pair in other.renamed.items() for h in pair if other != revision}
        for old, new in revision.renamed.items():
            if not {fold(old), fold(new)} & known:
                raise ValueError(f"a revision renames `{old}`, which no column of the table has")
        for header in (*revision.added, *revision.dropped):
            if fold(header) not in known:
                raise ValueError(f"a revision names `{header}`, which no column of the table has")

    @cached_property
    def tables(self) -> Mapping[str, Table]:
        """The tables by name, whatever the format."""
        if self.format == "common_extract":
            return common_extract.TABLES
        if self.format == "fhir_questionnaire_response":
            return fhir_answers.TABLES
        return {name: self._table(name, table) for name, table in self.declared.items()}

    def _table(self, name: str, declared: TableContract) -> Table:
        columns = tuple(_column(name, column) for name, column in declared.columns.items())
        required = declared.required
        if required is None:
            required = self.delivery == "snapshot" and any(column.required for column in columns)
        return Table(
            name, (declared.files,), columns, declared.key, declared.key, required,
            sheet=declared.sheet,
        )  # fmt: skip

    @property
    def text_format(self) -> TextFormat:
        """How numbers and dates are written; the common extract format and FHIR are ISO."""
        if self.format == "delimited" or self.csv.date_format or self.csv.decimal:
            return TextFormat(self.csv.decimal, self.csv.date_format)
        return ISO

    @property
    def all_code_maps(self) -> dict[str, dict[str, str]]:
        """Delivered code -> code of the list, by code list."""
        maps = {name: dict(codes) for name, codes in self.code_maps.items()}
        if self.death_cause_map:
            maps["death_cause"] = {**maps.get("death_cause", {}), **self.death_cause_map}
        return maps

    def scope(self, kind: str) -> str:
        """The namespace of a pseudonym: the shared identity for patients, else the source."""
        return self.identity if kind == "patient" and self.identity else self.source

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 of all that shapes raw rows: a contract changed there makes a new version of
        raw."""
        free = {"title", "owner", "registers_from", "delivery", "death_cause_map", "code_maps"}
        free.add("complete_when")
        content: dict[str, Any] = self.model_dump(mode="json", exclude=free)
        content["loader"] = LOADER_VERSION
        text = json.dumps(content, sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()


def _column(name: str, declared: ColumnContract) -> Column:
    data_type: DataType = declared.type
    role = declared.identifier or "keep"
    return Column(name, declared.header or name, data_type, declared.required, role, declared.kind)


def fold(header: str) -> str:
    """A header as it is compared: without outer space, BOM and letter case."""
    return header.replace("\u00a0", " ").strip("\ufeff \t\r\n").casefold()
