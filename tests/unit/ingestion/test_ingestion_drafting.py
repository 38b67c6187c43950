"""A drafted contract is valid, reads its own sample, and lets no identifier through."""

from __future__ import annotations

from pathlib import Path

import pytest

from ingestion import DeliveryError, draft_contract
from tests.lib.ingestion_site import Site

HEADER = "patient_id,sex,birth_year,vital_status,last_contact_date\n"
SAMPLE = """\
IPP;Nom;Date de naissance;Sexe;N° traitement;Date perfusion;LDH;Grade;Code postal;Centre
0012;DUPONT;17/03/1958;F;T1;01/02/2025;250,5;2;75013;001
0013;MARTIN;01/12/1961;M;T2;15/02/2025;;3;31000;014
"""


def test_a_draft_reads_its_sample_without_identifiers(site: Site) -> None:
    folder = site.deliver({"patients_2025.csv": SAMPLE.encode("cp1252")})
    draft = draft_contract([folder / "patients_2025.csv"])
    assert 'files: "patients_*.csv"' in draft
    site.contract(draft)
    (record,) = site.load()
    assert (record.status, record.loaded) == ("accepted", 2)
    row = site.rows("raw", "patients")[0]
    assert not {"DUPONT", "17/03/1958", "0012", "75013"} & {str(value) for value in row.values()}
    assert row["date_de_naissance"] == "1958-03-01"
    table = site.contracts["registry"].tables["patients"]
    types = {column.name: (column.data_type, column.role) for column in table.columns}
    assert types["ipp"] == ("text", "pseudonym")
    assert types["nom"] == ("text", "drop")
    assert types["n_traitement"] == ("text", "pseudonym")
    assert types["date_perfusion"] == ("date", "keep")
    assert types["ldh"] == ("number", "keep")
    assert types["grade"] == ("integer", "keep")
    assert types["centre"] == ("text", "keep")  # a leading zero makes a code, not a number
    assert table.key[0] == "ipp"


def test_files_of_the_common_extract_need_little(site: Site) -> None:
    folder = site.deliver({"patients.csv": HEADER + "1,F,1950,alive,\n"})
    draft = draft_contract([folder / "patients.csv"])
    assert "format: common_extract" in draft
    site.contract(draft)
    assert site.contracts["registry"].format == "common_extract"


def test_nothing_to_draft_from_is_said(tmp_path: Path) -> None:
    with pytest.raises(DeliveryError, match="name one or more files"):
        draft_contract([])
    (tmp_path / "a.parquet").write_bytes(b"PAR1")
    for name in ("a.parquet", "missing.csv"):
        with pytest.raises(DeliveryError, match="cannot be drafted from"):
            draft_contract([tmp_path / name])
