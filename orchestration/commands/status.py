"""``atmp-rwe status``: deliveries, the last release and its checks, at a glance."""

from __future__ import annotations

import argparse
from typing import Any

from orchestration import manifest
from orchestration.settings import Settings
from orchestration.tabular import table


def run(settings: Settings, options: argparse.Namespace) -> int:
    import ingestion

    rows: list[dict[str, Any]] = [
        {
            "source": record.source,
            "delivery": record.delivery,
            "version": record.sha8,
            "status": record.status,
            "read": record.read,
            "loaded": record.loaded,
            "quarantined": record.quarantined,
            "erased": record.erased,
            "synthetic": record.synthetic,
        }
        for record in ingestion.read_records(settings.home)
    ]
    print(f"Home {settings.home}\n\nDeliveries\n{table(rows)}\n")
    _show_releases(settings)
    return 0


def _show_releases(settings: Settings) -> None:
    released = manifest.current(settings.release)
    if released is None:
        print("No release yet: run `atmp-rwe run`.")
        return
    checks = released["checks"]
    every = sorted(path.parent.name for path in settings.release.glob("*Z-*/manifest.json"))
    print(
        f"Last run    {released['run_id']}, {released['created_at']}\n"
        f"Checks      {checks['passed']} passed, {checks['warned']} warned, "
        f"{checks['failed']} failed\n"
        f"Studies     {', '.join(study['id'] for study in released['studies']) or 'none'}\n"
        f"Releases    {len(every)}; current: {released['release_id']}"
    )
