"""A small invented registry in the common extract format, for tests of the whole road."""

from __future__ import annotations

import csv
from pathlib import Path

from tests.lib.reference_rates import cancer_incidence

PATIENTS = 40
STUDY = """\
id: small_registry
title: A small invented registry
analysis_set: infused
stratify_by: product
endpoints: [overall_survival, relapse]
horizons_days: [100, 200]
safety: {events: [second_malignancy], standardised_incidence: {rates: rates/cancer.csv}}
"""


def write_home(home: Path, *, source: str = "small", delivery: str = "2026-01-31") -> Path:
    """A home with one delivery, its contract and one study. Returns the delivery's folder."""
    folder = home / "landing" / source / delivery
    folder.mkdir(parents=True)
    for name in ("contracts", "studies"):
        (home / name).mkdir(exist_ok=True)
    contract = f"source: {source}\nformat: common_extract\n"
    (home / "contracts" / f"{source}.yml").write_text(contract)
    (home / "studies" / "small_registry.yml").write_text(STUDY)
    (home / "studies" / "rates").mkdir(exist_ok=True)
    cancer_incidence(home / "studies" / "rates" / "cancer.csv")
    write_patients(folder)
    write_treatments(folder)
    return folder


def write_patients(folder: Path, *, number: int = PATIENTS) -> None:
    """Every third patient dies on day 10 + number, the others are followed for 300 days."""
    header = [
        "patient_id",
        "sex",
        "birth_year",
        "vital_status",
        "death_date",
        "last_contact_date",
    ]
    rows = []
    for i in range(number):
        dead = i % 3 == 0
        death = f"2025-03-{1 + i % 28:02d}" if dead else ""
        rows.append(
            [f"NAT-{i:04d}", "FM"[i % 2], 1950 + i, "dead" if dead else "alive", death,
             death or "2025-12-01"]
        )  # fmt: skip
    _write(folder / "patients.csv", header, rows)


def write_treatments(folder: Path, *, number: int = PATIENTS) -> None:
    header = ["treatment_id", "patient_id", "product_code", "indication_code", "infusion_date"]
    rows = [
        [f"T{i}", f"NAT-{i:04d}", ("product_a", "product_b")[i % 2], "dlbcl", "2025-02-01"]
        for i in range(number)
    ]
    _write(folder / "treatments.csv", header, rows)


def _write(path: Path, header: list[str], rows: list[list[object]]) -> None:
    with path.open("w", newline="") as handle:
        writer = csv.writer(handle)
        writer.writerow(header)
        writer.writerows(rows)
