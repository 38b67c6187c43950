"""What `atmp-rwe status` says of deliveries that changed or are not whole."""

from pathlib import Path

import pytest

from orchestration.cli import main
from tests.lib.ingestion_site import Site

HEADER = "patient_id,sex,birth_year,vital_status,last_contact_date\n"


def test_it_shows_what_changed_and_what_is_left_alone(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    site = Site(tmp_path)
    site.contract()
    site.deliver({"patients.csv": HEADER + "1,F,1950,alive,2025-01-01\n"}, day="2025-06-30")
    later = HEADER.replace("\n", ",ward\n") + "1,F,1950,dead,2025-01-01,a\n2,F,1950,dead,,b\n"
    site.deliver({"patients.csv": later}, day="2026-01-31")
    site.load()
    site.deliver({"patients.csv": later, "_INCOMPLETE": ""}, day="2026-06-30")
    assert main(["--home", str(site.home), "status"]) == 0
    printed = capsys.readouterr().out
    assert "Left alone  registry 2026-06-30: it holds the marker _INCOMPLETE." in printed
    lines = printed[printed.index("Changed since") :].splitlines()
    assert lines[1].split() == [
        "source", "delivery", "version", "compared", "with", "table", "added", "changed", "removed",
        "columns",
    ]  # fmt: skip
    assert lines[3].split()[3:] == ["2025-06-30", "patients", "1", "1", "0", "ward", "added"]


def test_a_source_whose_first_delivery_is_being_copied_does_not_stop_the_others() -> None:
    from orchestration.selection import require_good_delivery

    require_good_delivery("registry", [])
