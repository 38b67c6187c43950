"""``atmp-rwe validate``: deliveries against their contracts, without loading anything."""

from __future__ import annotations

import argparse

from orchestration.settings import Settings
from orchestration.tabular import table


def run(settings: Settings, options: argparse.Namespace) -> int:
    import ingestion
    from orchestration.sources import Sources

    landing = options.folder or settings.landing
    contracts = Sources.of(settings).contracts
    loaded = ingestion.read_records(settings.home)
    records: list[ingestion.DeliveryRecord] = []
    for delivery in ingestion.discover(landing.resolve(), contracts):
        earlier = [*loaded, *records]
        records.append(ingestion.check_delivery(delivery, contracts[delivery.source], earlier))
    print(table(ingestion.findings_table(records)))
    for source, day, why in ingestion.under_way(landing.resolve(), contracts):
        print(f"Left alone  {source} {day}: {why}.")
    rejected = [record for record in records if record.status == "rejected"]
    print(f"\n{len(records)} deliveries checked, {len(rejected)} rejected.")
    return 1 if rejected else 0
