"""``atmp-rwe validate``: deliveries against their contracts, and studies; nothing is loaded."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from orchestration.settings import Settings
from orchestration.tabular import table

if TYPE_CHECKING:
    import ingestion


def run(settings: Settings, options: argparse.Namespace) -> int:
    import ingestion
    from orchestration import study_files, unread_sources
    from orchestration.sources import Sources

    landing = options.folder or settings.landing
    sources = Sources.of(settings, landing.resolve())
    contracts = sources.contracts
    loaded = ingestion.read_records(settings.home)
    records: list[ingestion.DeliveryRecord] = []
    for delivery in ingestion.discover(landing.resolve(), contracts):
        earlier = [*loaded, *records]
        records.append(ingestion.check_delivery(delivery, contracts[delivery.source], earlier))
    aside = ingestion.misplaced(landing.resolve(), contracts)
    # Studies are of the home, not of a folder that is looked at by itself.
    studies = [] if options.folder else study_files.findings(settings, sources)
    print(table([*ingestion.findings_table(records), *map(_misplaced, aside), *studies]))
    for source, day, why in ingestion.under_way(landing.resolve(), contracts):
        print(f"Left alone  {source} {day}: {why}.")
    for source in unread_sources.unread(sources):
        print(f"WARN  {unread_sources.sentence(source)}.")
    rejected = [record for record in records if record.status == "rejected"]
    wrong = [row for row in studies if row["severity"] == "ERROR"]
    print(f"\n{len(records)} deliveries checked, {len(rejected)} rejected.")
    if aside:
        print(f"{len(aside)} folders or files of the landing folder are no delivery and not read.")
    if studies:
        print(f"{len(studies)} studies checked, {len(wrong)} wrong.")
    return 1 if rejected or aside or wrong else 0


def _misplaced(one: ingestion.Misplaced) -> dict[str, object]:
    """As a row of `findings_table`."""
    return {
        **dict.fromkeys(("source", "delivery", "status", "file", "table", "column", "row")),
        **dict.fromkeys(("read", "loaded", "quarantined")),
        "source": one.source or None,
        "delivery": one.name,
        "status": "not read",
        "severity": "ERROR",
        "rule": "misplaced",
        "message": one.message,
    }
