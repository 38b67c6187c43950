"""Contracts: what a source delivers, as a validated YAML file. The schema lives here;
`contract_files` reads the files. Nothing here opens a delivery.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import date
from functools import cached_property
from typing import Any, Literal

from pydantic import (
    Field,
    model_validator,
)

from ingestion import common_extract, fhir_answers
from ingestion.code_lists import CODE_LISTS, DEATH_CAUSES, nearest
from ingestion.contract_parts import (
    ColumnContract,
    CsvFormat,
    Name,
    Part,
    Revision,
    TableContract,
    fault,
)
from ingestion.places import check_places, fixed_width
from ingestion.sql import ISO, DataType, TextFormat
from ingestion.tables import Column, FixedWidth, Table, fold

Format = Literal["common_extract", "delimited", "fhir_questionnaire_response"]
# Raised when the way files are turned into raw rows, or judged, changes: raw is made anew.
LOADER_VERSION = 4


class Contract(Part):
    """What one source delivers. `tables` and `text_format` say it in the shape readers use."""

    source: Name
    title: str = ""
    format: Format
    delivery: Literal["snapshot", "increment"] = "snapshot"
    complete_when: Literal["present", "settled", "success_marker"] = "present"
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
            message = "`common_extract` is the name of the format; name the source after its owner"
            raise fault(message, "source")
        if self.format == "delimited" and not self.declared:
            raise fault("`format: delimited` needs `tables`", "format")
        if self.format != "delimited" and (self.declared or self.revisions):
            raise fault(
                f"`format: {self.format}` has fixed tables: leave out `tables` and `revisions`",
                "tables" if self.declared else "revisions",
            )
        for index, revision in enumerate(self.revisions):
            self._check_revision(revision, "revisions", index)
        for name, table in self.declared.items():
            check_places(name, table, self.revisions)
        self._check_codes()
        self._check_identifiers()
        return self

    def _check_codes(self) -> None:
        for name in self.code_maps:
            if name not in CODE_LISTS:
                message = f"`{name}` is no code list; {nearest(name, CODE_LISTS)}"
                raise fault(message, "code_maps", name)
        for code, cause in self.death_cause_map.items():
            if cause not in DEATH_CAUSES:
                message = f"`{cause}` is no cause of death; {nearest(cause, DEATH_CAUSES)}"
                raise fault(message, "death_cause_map", code)

    def _check_identifiers(self) -> None:
        """What is declared is not undeclared: which of the two was meant nobody can tell."""
        declared = {
            fold(name): table.name
            for table in self.tables.values()
            for column in table.columns
            if column.role != "drop"
            for name in (column.name, column.header)
        }
        for header in self.direct_identifiers:
            if fold(header) in declared:
                message = (
                    f"`{header}` is a column of the table {declared[fold(header)]}; "
                    "`direct_identifiers` names columns that no table has, to be dropped"
                )
                raise fault(message, "direct_identifiers")

    def _check_revision(self, revision: Revision, *at: str | int) -> None:
        if revision.table not in self.declared:
            message = f"a revision names table `{revision.table}`, which is not among the tables"
            raise fault(message, *at, "table")
        if revision.sheet is not None and self.declared[revision.table].sheet is None:
            message = f"a revision of a sheet needs `sheet` on the table `{revision.table}`, too"
            raise fault(message, *at, "sheet")
        same = self._revisions_of(revision.table)
        known = {fold(c.header or n) for n, c in self.declared[revision.table].columns.items()}
        for other in same:
            # A renaming that touches a known header makes its other name known.
            known |= {fold(h) for pair in other.renamed.items() for h in pair if other != revision}
        for old, new in revision.renamed.items():
            if not {fold(old), fold(new)} & known:
                message = f"a revision renames `{old}`, which no column of the table has"
                raise fault(message, *at, "renamed", old)
        for key in ("added", "dropped"):
            for header in getattr(revision, key):
                if fold(header) not in known:
                    message = f"a revision names `{header}`, which no column of the table has"
                    raise fault(message, *at, key)

    @cached_property
    def tables(self) -> Mapping[str, Table]:
        """The tables by name, whatever the format."""
        if self.format == "common_extract":
            return common_extract.TABLES
        if self.format == "fhir_questionnaire_response":
            return fhir_answers.TABLES
        return {name: self._table(name, table) for name, table in self.declared.items()}

    def places(self, table: str, day: date) -> FixedWidth | None:
        """Where the columns of a table stand in fixed-width files of a delivery of `day`; None of
        a table that has none."""
        if table not in self.declared:
            return None
        return fixed_width(self.declared[table], self._revisions_of(table), day)

    def _revisions_of(self, table: str) -> list[Revision]:
        return [revision for revision in self.revisions if revision.table == table]

    def _table(self, name: str, declared: TableContract) -> Table:
        columns = tuple(_column(name, column) for name, column in declared.columns.items())
        required = declared.required
        if required is None:
            required = self.delivery == "snapshot" and any(column.required for column in columns)
        return Table(
            name, (declared.files,), columns, declared.key, declared.key, required,
            sheet=declared.sheet, is_fixed_width=any(c.start for c in declared.columns.values()),
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
