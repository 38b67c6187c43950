"""A drafted contract is valid, reads its own sample, and lets no identifier through."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pandas as pd
import pyreadstat
import pytest

from ingestion import DeliveryError, draft_contract
from ingestion.tables import Table
from orchestration.cli import main
from simulation.workbook import write_workbook
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


def test_each_sheet_of_a_workbook_is_a_table(site: Site) -> None:
    """Found by its sheet, also where sheets have the same columns; a sheet without a row is
    named."""
    sheets = {
        "Patients": pd.DataFrame({"IPP": ["0012", "0013"], "Nom": ["DUPONT", "MARTIN"]}),
        "Lire moi": pd.DataFrame(),
        "Suivi 2024": pd.DataFrame({"IPP": ["0012"], "Date visite": [date(2024, 5, 1)]}),
        "Suivi 2025": pd.DataFrame(
            {"IPP": ["0013", "0012"], "Date visite": [date(2025, 5, 1)] * 2}
        ),
    }
    folder = site.deliver({})
    write_workbook(folder / "export_2025.xlsx", sheets)
    draft = draft_contract([folder / "export_2025.xlsx"])
    assert '# the sheet "Lire moi" has no row: left out' in draft
    site.contract(draft)
    assert list(site.contracts["registry"].tables) == ["patients", "suivi_2024", "suivi_2025"]
    (record,) = site.load()
    assert (record.status, record.loaded) == ("accepted", 5)
    visits = [row["date_visite"] for row in site.rows("raw", "suivi_2025")]
    assert visits == ["2025-05-01"] * 2
    assert "DUPONT" not in str(site.rows("raw", "patients"))


def test_a_workbook_without_a_row_is_said(tmp_path: Path) -> None:
    empty = pd.DataFrame()
    for sheets in ({"one": empty}, {"one": empty, "two": empty}):
        write_workbook(tmp_path / "book.xlsx", sheets)
        with pytest.raises(DeliveryError, match=r"book\.xlsx: cannot be drafted from"):
            draft_contract([tmp_path / "book.xlsx"])


def test_the_command_prints_a_contract_that_reads_the_sample(
    site: Site, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = site.deliver({"patients_2025.csv": SAMPLE.encode("cp1252")})
    command = ["--home", str(site.home), "contract", "init"]
    assert main([*command, str(folder / "patients_2025.csv")]) == 0
    site.contract(capsys.readouterr().out)
    assert main(["--home", str(site.home), "validate"]) == 0
    assert "1 deliveries checked, 0 rejected" in capsys.readouterr().out
    assert main([*command, str(folder / "nothing.csv")]) == 1
    printed = capsys.readouterr()
    assert not printed.out
    assert "nothing.csv: cannot be drafted from" in printed.err


def test_nothing_to_draft_from_is_said(tmp_path: Path) -> None:
    with pytest.raises(DeliveryError, match="name one or more files"):
        draft_contract([])
    (tmp_path / "a.parquet").write_bytes(b"PAR1")
    for name in ("a.parquet", "missing.csv"):
        with pytest.raises(DeliveryError, match="cannot be drafted from"):
            draft_contract([tmp_path / name])


def cohort(count: int = 40) -> pd.DataFrame:
    """A cohort as a clinic keeps it: short headers, and telephone numbers in the remarks."""
    born = [date(1940, 1, 3) + timedelta(days=401 * i) for i in range(count)]
    given = [date(2023, 3, 1) + timedelta(days=11 * (i % 30)) for i in range(count)]
    return pd.DataFrame(
        {
            "idpat": [f"N{100 + 7 * i}" for i in range(count)],
            "dnais": born,
            "medic": [("Yescarta", "Kymriah")[i % 2] for i in range(count)],
            "dperf": given,
            "ddn": [day + timedelta(days=200 + i) for i, day in enumerate(given)],
            "ldh": [250.5 + i for i in range(count)],
            "comm": ["appeler M. X 0612345678"] * count,
        }
    )


WRITERS: dict[str, Callable[[pd.DataFrame, Path], None]] = {
    "csv": lambda frame, path: frame.to_csv(path, index=False, date_format="%d/%m/%Y"),
    "parquet": lambda frame, path: frame.to_parquet(path),
    "ndjson": lambda frame, path: frame.astype(str).to_json(path, orient="records", lines=True),
    "xlsx": lambda frame, path: write_workbook(path, {"cohorte": frame}),
    "dta": lambda frame, path: pyreadstat.write_dta(frame, str(path)),
}


def drafted(site: Site, frames: dict[str, pd.DataFrame], ending: str = "csv") -> dict[str, Table]:
    """The tables of the contract drafted from these files."""
    folder = site.deliver({})
    paths = [folder / f"{name}.{ending}" for name in frames]
    for path, frame in zip(paths, frames.values(), strict=True):
        WRITERS[ending](frame, path)
    site.contract(draft_contract(paths))
    return dict(site.contracts["registry"].tables)


def roles(table: Table) -> dict[str, str]:
    return {column.name: column.role for column in table.columns}


@pytest.mark.parametrize("ending", WRITERS)
def test_identifiers_are_known_by_their_content_in_every_format(site: Site, ending: str) -> None:
    table = drafted(site, {"cohorte": cohort()}, ending)["cohorte"]
    assert roles(table) == {
        "idpat": "pseudonym",
        "dnais": "birth_month",
        "medic": "keep",
        "dperf": "keep",
        "ddn": "keep",  # the date of last news, which the same letters may be of a birth
        "ldh": "keep",
        "comm": "drop",
    }
    assert table.key == ("idpat",)
    (record,) = site.load()
    assert (record.status, record.loaded) == ("accepted", 40)
    row = site.rows("raw", "cohorte")[3]
    assert row["dnais"][-2:] == "01"
    assert str(row["ddn"])[:10] == "2023-10-23"  # 1 March, 33 days, 203 days


def test_headers_that_say_nothing_are_judged_by_content_and_asked_about(site: Site) -> None:
    names = dict(zip(cohort().columns, ("v1", "v2", "v3", "v4", "v5", "v6", "v7"), strict=True))
    found = cohort().rename(columns=names)
    visits = pd.DataFrame(
        {
            "w1": [found["v1"][i % 40] for i in range(120)],
            "w2": [i % 5 for i in range(120)],
            "w3": [
                f"le patient va {'mieux' if i % 3 else 'bien'} depuis {i} j" for i in range(120)
            ],
        }
    )
    tables = drafted(site, {"persons": found, "visits": visits})
    assert roles(tables["persons"]) == {
        "v1": "pseudonym",
        "v2": "birth_month",
        "v3": "keep",
        "v4": "keep",
        "v5": "keep",
        "v6": "keep",
        "v7": "drop",
    }
    assert roles(tables["visits"]) == {"w1": "pseudonym", "w2": "keep", "w3": "drop"}
    assert tables["visits"].columns[0].kind == "patient"
    text = (site.home / "contracts" / "registry.yml").read_text()
    assert "v1: " in text
    assert "DECIDE: nearly every row has another" in text


def test_a_birth_of_children_is_asked_about_and_the_first_clinical_date_kept(site: Site) -> None:
    day = [date(2020, 1, 1) + timedelta(days=9 * i) for i in range(40)]
    frame = pd.DataFrame(
        {
            "ipp": range(1000, 1040),
            "dte1": day,
            "diagnosis": [d + timedelta(days=300 + 5 * i) for i, d in enumerate(day)],
            "infusion": [d + timedelta(days=700 + 5 * i) for i, d in enumerate(day)],
        }
    )
    assert roles(drafted(site, {"sma": frame})["sma"])["dte1"] == "birth_month"
    assert "DECIDE: before all other dates" in (site.home / "contracts/registry.yml").read_text()
    late = frame.drop(columns="dte1")
    assert roles(drafted(site, {"sma": late})["sma"])["diagnosis"] == "keep"


def test_measured_numbers_and_few_labels_are_kept(site: Site) -> None:
    frame = pd.DataFrame(
        {
            "ipp": range(1000, 1060),
            "ldh": [180 + (i * 37) % 700 for i in range(60)],
            "indication": [f"diffuse large B cell lymphoma {i % 3}" for i in range(60)],
        }
    )
    assert roles(drafted(site, {"labs": frame})["labs"]) == {
        "ipp": "pseudonym",
        "ldh": "keep",
        "indication": "keep",
    }
