"""`dbt source freshness` on the registry of sources, as docs/guides/deliveries.md says it works."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import pytest

from tests.lib.dbt_project import run_dbt, target_folder
from tests.lib.raw_database import create_raw_database


@pytest.mark.parametrize(("days", "status"), [(399, "pass"), (401, "warn")])
def test_it_warns_when_no_source_has_delivered_for_over_400_days(
    tmp_path: Path, days: int, status: str
) -> None:
    today = dt.datetime.now(dt.UTC).date()
    registry = [
        {"source": name, "delivery_date": today - dt.timedelta(days=age)}
        for name, age in (("longest_ago", 1000), ("last", days))
    ]
    database = create_raw_database(tmp_path / "build.duckdb", {"source_registry": registry})
    run_dbt(database, "source", "freshness")
    found = json.loads((target_folder(database) / "sources.json").read_text())["results"]
    assert [(one["unique_id"], one["status"]) for one in found] == [
        ("source.atmp_rwe.raw.source_registry", status)
    ]
