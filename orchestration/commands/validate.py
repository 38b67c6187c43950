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
    records = [
        ingestion.check_delivery(delivery, contracts[delivery.source])
        for delivery in ingestion.discover(landing.resolve(), contracts)
    ]
    print(table(ingestion.findings_table(records)))
    rejected = [record for record in records if record.status == "rejected"]
    print(f"\n{len(records)} deliveries checked, {len(rejected)} rejected.")
    return 1 if rejected else 0
