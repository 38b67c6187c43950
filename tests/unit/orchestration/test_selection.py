"""What the manifest and the checks of a run say of deliveries."""

from __future__ import annotations

from pathlib import Path

from orchestration import selection
from tests.lib.ingestion_site import Site


def test_headers_that_no_contract_declares_stay_in_the_home(tmp_path: Path) -> None:
    site = Site(tmp_path)
    site.contract()
    header = "patient_id,sex,birth_year,vital_status,last_contact_date,M. Durand Zoe,nom Petit,site"
    site.deliver({"patients.csv": f"{header}\n1,F,1950,alive,2025-01-01,x,y,z\n"})
    site.load()
    chosen = site.select()
    told = f"{selection.describe(chosen, '', '')}{selection.check_rows(chosen)}"
    for name in ("Durand", "Petit"):
        assert name not in told
    assert "'birth_year': 'birth_year'" in told
    for number in (1, 2, 3):
        assert f"undeclared column {number}" in told
    assert "Durand" in str(site.check().findings)
