"""Content that no rule foresaw refuses its delivery with a sentence; it never ends a run."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from ingestion import discover, key_of_home, load_contracts, load_source


def _text_that_is_not_utf8() -> pa.Array:
    return pa.Array.from_buffers(
        pa.string(),
        2,
        [None, pa.array([0, 2, 4], pa.int32()).buffers()[1], pa.py_buffer(b"\xff\xfeP2")],
    )


def _far_durations() -> pa.Array:
    return pa.array([2**62, 1], pa.duration("s"))


@pytest.mark.parametrize("column", [_text_that_is_not_utf8, _far_durations])
def test_odd_parquet_is_refused_by_name(tmp_path: Path, column: object) -> None:
    folder = tmp_path / "landing" / "clinic" / "2026-01-31"
    folder.mkdir(parents=True)
    assert callable(column)
    table = {
        "patient_id": column(),
        "sex": ["F", "M"],
        "birth_year": [1950, 1960],
        "vital_status": ["alive", "alive"],
        "last_contact_date": ["2025-12-01", "2025-12-01"],
    }
    pq.write_table(pa.table(table), folder / "patients.parquet")
    (tmp_path / "contracts").mkdir()
    contract = "source: clinic\nformat: common_extract\n"
    (tmp_path / "contracts" / "clinic.yml").write_text(contract)
    contracts = load_contracts([tmp_path / "contracts"])
    (record,) = load_source(
        "clinic",
        contract=contracts["clinic"],
        deliveries=discover(tmp_path / "landing", contracts),
        home=tmp_path / "home",
        key=key_of_home(tmp_path / "home", tmp_path / "key"),
        loaded_at=datetime(2026, 2, 1, tzinfo=UTC),
    )
    assert record.status == "rejected"
    said = [f.message for f in record.findings if f.severity == "ERROR" and f.file]
    assert any("patients.parquet" in message for message in said), json.dumps(said)
