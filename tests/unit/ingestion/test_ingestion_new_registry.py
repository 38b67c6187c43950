"""A registry is added with what its guide shows: no more than 15 lines, and a delivery loads."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent

from tests.lib.common_extract import PATIENTS, write_patients, write_treatments
from tests.lib.ingestion_site import Site

GUIDE = Path(__file__).resolve().parents[3] / "docs" / "common-extract-format.md"


def test_the_contract_of_the_guide_loads_a_delivery(site: Site) -> None:
    shown = dedent(GUIDE.read_text(encoding="utf-8").partition("```yaml\n")[2].partition("```")[0])
    source = shown.partition("source: ")[2].split()[0]
    # Also with everything that it shows as a comment.
    uncommented = "\n".join(line.removeprefix("# ") for line in shown.splitlines())
    for contract in (shown, uncommented):
        assert len(contract.strip().splitlines()) <= 15
        site.contract(contract, source=source)
        folder = site.landing / source / "2026-01-31"
        folder.mkdir(parents=True, exist_ok=True)
        write_patients(folder)
        write_treatments(folder)
        (record,) = site.load(source)[-1:]
        assert record.status == "accepted", record.findings
        assert {file.table: file.loaded for file in record.files} == {
            "patients": PATIENTS,
            "treatments": PATIENTS,
        }
