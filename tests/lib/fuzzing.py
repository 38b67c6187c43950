"""Generated deliveries: how many of which kind, and the two properties that hold of each.

ATMP_RWE_FUZZ_EXAMPLES is the number of generated files, over all tests (`make fuzz`: 10,000).
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import pytest
from hypothesis import settings

from ingestion import DeliveryRecord, type_changes
from tests.lib.ingestion_site import Site

EXAMPLES = int(os.environ.get("ATMP_RWE_FUZZ_EXAMPLES", "300"))
DAMAGED = ("parquet", "zip", "dta", "sav", "xpt", "sas7bdat")
# Percent of the files that each test makes.
SHARES = {
    "any rows": 25,
    "rows on disk": 5,
    "any bytes": 20,
    **{f"damaged {ending}": 3 for ending in DAMAGED},
    "workbook": 10,
    "json lines": 6,
    "json document": 4,
    "fhir": 8,
    "packed": 4,
}
COMMON = "source: registry\nformat: common_extract\nreject_above: 1\n"
# Every loaded cell is read as its type, not only counted.
READABLE = "SELECT count(*) FROM (SELECT hash(COLUMNS(*)) FROM raw.registry__{})"


def share(test: str, examples: int = EXAMPLES) -> int:
    """How many of so many files a test makes; those of all tests add up to it exactly."""
    names = list(SHARES)
    before = sum(SHARES[name] for name in names[: names.index(test)])
    return examples * (before + SHARES[test]) // 100 - examples * before // 100


def few(test: str) -> settings:
    """The settings of a test that makes its share of the files."""
    return settings(max_examples=max(1, share(test)), deadline=None)


def beside(percent: int) -> settings:
    """The settings of a test of one reader or rule, which makes so many percent beside them."""
    return settings(max_examples=max(5, EXAMPLES * percent // 100), deadline=None)


def reconcile(
    name: str,
    content: bytes,
    *,
    contract: str = COMMON,
    table: str = "patients",
    load: bool = False,
) -> DeliveryRecord:
    """Check a delivery of one file; with `load`, also load it and count what is on disk."""
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        if load:
            patch.setattr(type_changes, "LEAST", 1_000)  # what is refused for it is not on disk
        site = Site(Path(folder))
        site.contract(contract)
        site.deliver({name: content})
        record = site.check()
        for file in record.files:
            assert file.read == file.loaded + file.quarantined + file.erased + file.refused
        errors = [f for f in record.findings if f.severity == "ERROR"]
        assert (record.status == "rejected") == bool(errors)
        assert all(f.rule and f.message for f in errors)
        if load:
            _compare(site, record, table)
        return record


def _compare(site: Site, checked: DeliveryRecord, table: str) -> None:
    (record,) = site.load()
    assert (checked.status, checked.files) == (record.status, record.files)
    assert len(site.rows("raw", table)) == record.loaded
    refused = site.rows("quarantine", table)
    assert len(refused) == record.quarantined
    for item in refused:
        assert item["_rule"] in ("ragged", "decode", "key_missing", "type")
        assert item["_reason"]
    assert site.query(READABLE.format(table)) == [(record.loaded,)]
