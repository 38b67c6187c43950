"""Every direct identifier in the deliveries of a home, read as its contract declares it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path

import ingestion
from ingestion import Contract, Delivery
from ingestion.layout import lay_out
from ingestion.readers import open_reader
from ingestion.sheets import split_sheet
from ingestion.tables import Table

SHORTEST = 6
# Dates later than this are also days of visits; the first of a month is what raw keeps of a birth.
LAST_BIRTH_YEAR = 1999


def delivered_identifiers(
    landing: Path, contracts: dict[str, Contract], *, kinds: tuple[str, ...]
) -> dict[str, set[str]]:
    """Texts by source: numbers of these kinds, what is dropped, and birth dates in two ways of
    writing. Shorter ones than six letters are left out."""
    found: dict[str, set[str]] = {}
    for delivery in ingestion.discover(landing, contracts):
        contract = contracts[delivery.source]
        texts = found.setdefault(delivery.source, set())
        if contract.format == "fhir_questionnaire_response":
            texts |= set(_of_forms(delivery))
        else:
            for table in contract.tables.values():
                texts |= set(_of_table(delivery, table, contract, kinds))
    return {
        source: {text for text in texts if len(text) >= SHORTEST} for source, texts in found.items()
    }


def _of_table(
    delivery: Delivery, table: Table, contract: Contract, kinds: tuple[str, ...]
) -> Iterator[str]:
    wanted = [c for c in table.columns if c.role in ("drop", "birth_month") or c.kind in kinds]
    for name, _, _ in delivery.files:
        file, sheet = split_sheet(name)
        if not table.matches(Path(file).name) or not table.takes(sheet):
            continue
        reader = open_reader(
            delivery.path / file,
            csv_format=contract.csv,
            sheet=sheet or table.name,
            exact_sheet=sheet is not None,
        )
        places = lay_out(reader.headers, table, contract, delivery.date, name).positions
        for chunk in reader.chunks():
            for column in wanted:
                if column.name in places:
                    for cell in chunk.columns[places[column.name]].drop_null().to_pylist():
                        yield from _written(cell.strip(), column.role)


def _written(cell: str, role: str) -> Iterator[str]:
    if role != "birth_month":
        yield cell
        return
    born = _day(cell)
    if born is not None and born.day > 1 and born.year <= LAST_BIRTH_YEAR:
        yield born.isoformat()
        yield born.strftime("%d/%m/%Y")


def _day(cell: str) -> date | None:
    for form in ("%Y-%m-%d", "%d/%m/%Y"):
        try:
            return datetime.strptime(cell[:10], form).date()
        except ValueError:
            continue
    return None


def _of_forms(delivery: Delivery) -> Iterator[str]:
    """The numbers and names of the subjects of questionnaires."""
    for name, _, _ in delivery.files:
        for line in (delivery.path / name).read_text(encoding="utf-8").splitlines():
            try:
                subject = json.loads(line).get("subject", {})
            except ValueError:
                continue  # a line that was cut short is part of the dirt
            yield subject.get("identifier", {}).get("value", "")
            yield subject.get("display", "")
