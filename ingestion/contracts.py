"""Contracts: what a source delivers, as a validated YAML file. The schema lives here;
`contract_files` reads the files. Nothing here opens a delivery.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from functools import cached_property
from typing import Any, Literal

from pydantic import (
    Field,
    model_validator,
)

from ingestion import common_extract, fhir_answers
from ingestion.contract_parts import ColumnContract, CsvFormat, Name, Part, Revision, TableContract
from ingestion.sql import ISO, DataType, TextFormat
from ingestion.tables import Column, FixedWidth, Table, fold

Format = Literal["common_extract", "delimited", "fhir_questionnaire_response"]
# Raised when the way files are turned into raw rows changes, so that raw is made anew.
LOADER_VERSION = 2


class Contract(Part):
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
    expected_every_days: int | None = Field(None, gt=0)
    direct_identifiers: tuple[str, ...] = ()
    death_cause_map: dict[str, str] = Field({})
    code_maps: dict[Name, dict[str, str]] = Field({})
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
            sheet=declared.sheet, fixed=_fixed(declared),
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
        content: dict[str, Any] = self.model_dump(mode="json", exclude=free, exclude_defaults=True)
        for table in content.get("declared", {}).values():
            for column in table["columns"].values():
                # Units and lists of codes are told of, they change no row.
                column.pop("unit", None)
                column.pop("codes", None)
        content["loader"] = LOADER_VERSION
        text = json.dumps(content, sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()


def _column(name: str, declared: ColumnContract) -> Column:
    data_type: DataType = declared.type
    role = declared.identifier or "keep"
    return Column(
        name, declared.header or name, data_type, declared.required, role, declared.kind,
        unit=declared.unit, codes=declared.codes,
    )  # fmt: skip


def _fixed(declared: TableContract) -> FixedWidth | None:
    places = {
        column.header or name: (column.start, column.length)
        for name, column in declared.columns.items()
        if column.start is not None and column.length is not None
    }
    if not places:
        return None
    return FixedWidth(places, declared.line_length, declared.header_lines)
