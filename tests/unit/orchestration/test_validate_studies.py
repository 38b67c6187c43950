"""`atmp-rwe validate` also reads the studies of the home, in the table of the deliveries."""

from __future__ import annotations

from pathlib import Path

import pytest

from orchestration.cli import main
from tests.lib.ingestion_site import Site
from tests.lib.reference_rates import life_table

GOOD = "id: good\ntitle: A study\nextrapolation: {horizon_years: 9, life_table: life.csv}\n"
WRONG = {
    "a.yml": ("id: a\ntitle: A\nstratfy_by: sex\n", "did you mean `stratify_by`"),
    "same.yml": ("id: good\ntitle: Again\n", "the study id `good` is already that of"),
    "unfit.yml": (
        "id: u\ntitle: U\npopulation: {sources: [nowhere]}\n",
        "names 'nowhere', which has delivered nothing",
    ),
}


def checked(site: Site, capsys: pytest.CaptureFixture[str]) -> tuple[int, str]:
    code = main(["--home", str(site.home), "validate"])
    return code, capsys.readouterr().out


def test_studies_are_validated_with_the_deliveries(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    site = Site(tmp_path)
    site.contract()
    site.deliver(
        {
            "patients.csv": "patient_id,sex,birth_year,vital_status,last_contact_date\n"
            "1,F,1960,alive,2026-01-01\n",
            "treatments.csv": "treatment_id,patient_id,product_code,indication_code,infusion_date\n"
            "t1,1,axicabtagene_ciloleucel,dlbcl,2025-01-01\n",
        }
    )
    studies = site.home / "studies"
    studies.mkdir()
    (studies / "good.yml").write_text(GOOD)
    life_table(studies / "life.csv")
    code, out = checked(site, capsys)
    assert code == 0, out
    assert "1 studies checked, 0 wrong." in out
    for name, (text, _) in WRONG.items():
        (studies / name).write_text(text)
    code, out = checked(site, capsys)
    assert code == 1
    assert "4 studies checked, 3 wrong." in out
    for name, (_, said) in WRONG.items():
        [line] = [line for line in out.splitlines() if f" {name} " in line and "(study)" in line]
        assert "study_invalid" in line
        assert said in line
