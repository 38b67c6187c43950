"""A source that is late is told, one without an interval is not judged, and nothing stops."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from orchestration.freshness import ages, check_rows, result
from tests.lib.ingestion_site import CEF, Site

HEADER = "patient_id,sex,birth_year,vital_status,last_contact_date\n"


@pytest.fixture
def site(tmp_path: Path) -> Site:
    site = Site(tmp_path)
    site.contract(CEF.format(source="registry") + "expected_every_days: 90\n")
    site.contract(source="other")
    for source in ("registry", "other"):
        for day in ("2025-12-31", "2026-01-31"):
            row = HEADER + f"1,F,1950,alive,{day}\n"
            site.deliver({"patients.csv": row}, day=day, source=source)
    return site


@pytest.mark.parametrize(("today", "late"), [("2026-05-01", False), ("2026-05-02", True)])
def test_a_source_is_late_after_the_days_its_contract_expects(
    site: Site, today: str, late: bool
) -> None:
    site.load()
    found = ages(site.contracts, site.select(), date.fromisoformat(today))
    assert [(one.source, one.delivery, one.late) for one in found] == [
        ("registry", date(2026, 1, 31), late)
    ]
    assert [row.status for row in check_rows(found)] == ["warned" if late else "passed"]
    checked = result(found)
    assert checked.passed is not late
    assert checked.severity.value == "WARN"


def test_an_interval_of_no_days_is_refused(tmp_path: Path) -> None:
    site = Site(tmp_path)
    site.contract(CEF.format(source="registry") + "expected_every_days: 0\n")
    with pytest.raises(Exception, match="expected_every_days"):
        _ = site.contracts
