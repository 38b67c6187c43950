"""``atmp-rwe status``: deliveries, the last release and its checks, at a glance."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

from orchestration import manifest
from orchestration.settings import Settings
from orchestration.tabular import table

if TYPE_CHECKING:
    from ingestion import Drift


def run(settings: Settings, options: argparse.Namespace) -> int:
    import ingestion
    from orchestration.sources import Sources

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
            "refused": record.refused,
            "synthetic": record.synthetic,
        }
        for record in ingestion.read_records(settings.home)
    ]
    print(f"Home {settings.home}\n\nDeliveries\n{table(rows)}\n")
    for source, day, why in ingestion.under_way(settings.landing, Sources.of(settings).contracts):
        print(f"Left alone  {source} {day}: {why}.\n")
    changes = [row for drift in ingestion.read_drift(settings.home) for row in _changed(drift)]
    if changes:
        print(f"Changed since the delivery before\n{table(changes)}\n")
    _show_releases(settings)
    return 0


def _changed(drift: Drift) -> list[dict[str, Any]]:
    """One row per table that changed; the release's `marts.delivery_change` has the columns too."""
    rows = []
    for name in dict.fromkeys(change.table_name for change in drift.changes):
        changes = [change for change in drift.changes if change.table_name == name]
        counts = {change.change: change.n_rows or 0 for change in changes if not change.column_name}
        columns = [
            f"{change.column_name} {change.change.removeprefix('column_')}"
            for change in changes
            if change.change.startswith("column_")
        ]
        rows.append(
            {
                "source": drift.source,
                "delivery": drift.delivery,
                "version": drift.version,
                "compared with": drift.previous_delivery,
                "table": name,
                "added": counts.get("rows_added", 0),
                "changed": counts.get("rows_changed", 0),
                "removed": counts.get("rows_removed", 0),
                "columns": ", ".join(columns) or None,
            }
        )
    return rows


def _show_releases(settings: Settings) -> None:
    released = manifest.current(settings.release)
    if released is None:
        print("No release yet: run `atmp-rwe run`.")
        return
    checks = released["checks"]
    for study in released.get("left_out", ()):
        print(f"Left out    {study['id']}: {study['reason']}.")
    every = sorted(path.parent.name for path in settings.release.glob("*Z-*/manifest.json"))
    print(
        f"Last run    {released['run_id']}, {released['created_at']}\n"
        f"Checks      {checks['passed']} passed, {checks['warned']} warned, "
        f"{checks['failed']} failed\n"
        f"Studies     {', '.join(study['id'] for study in released['studies']) or 'none'}\n"
        f"Releases    {len(every)}; current: {released['release_id']}"
    )
