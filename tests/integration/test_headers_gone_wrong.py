"""A required header that one source delivers under another name: `validate` rejects that delivery,
says which column it misses, and finds the other sources as good as before."""

from __future__ import annotations

import re
import shutil
import zipfile
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from orchestration.cli import main
from orchestration.settings import BUILT_IN_CONTRACTS
from simulation import simulate

#: One file a source and a header in it, written as the registry does. A questionnaire has no
#: headers: there it is what every resource must say.
BROKEN = {
    "cart_registry": ("traitements.csv", "NO_PATIENT"),
    "epro": ("*.ndjson", '"subject"'),
    "gene_therapy_registry": ("patients.parquet", "vital_status"),
    "historical_control": ("cohorte_salvage.dta", "nopat"),
    "omop": ("person.csv", "year_of_birth"),
    "pharmacy": ("pharmacie_mti.xlsx", "CODE_COI"),
    "pmsi": ("sejours_*.csv", "NO_SEJOUR"),
    "transplant_registry": ("cell_therapy_export.xlsx", "REGISTRY_ID"),
    "trials": ("trial_portfolio.json", '"registrationNumber"'),
}


@pytest.fixture(scope="module")
def simulated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One delivery of every source."""
    home = tmp_path_factory.mktemp("headers") / "home"
    simulate(home, patients=20, seed=7, deliveries=1)
    return home


def test_every_built_in_source_is_broken_once() -> None:
    assert sorted(BROKEN) == sorted(path.stem for path in BUILT_IN_CONTRACTS.glob("*.yml"))


@pytest.mark.parametrize("source", sorted(BROKEN))
def test_the_source_is_rejected_and_the_others_are_not(
    source: str, simulated: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pattern, header = BROKEN[source]
    home = tmp_path / "home"
    shutil.copytree(simulated / "landing", home / "landing")
    files = list((home / "landing" / source).glob(f"*/{pattern}"))
    assert files
    for path in files:
        rename(path, header.encode())
    assert main(["--home", str(home), "validate"]) == 1
    said = capsys.readouterr().out
    found = re.findall(r"^(\w+) +\d{4}-\d\d-\d\d +(accepted|rejected) .*$", said, re.MULTILINE)
    assert dict(found) == {s: "rejected" if s == source else "accepted" for s in BROKEN}
    assert "9 deliveries checked, 1 rejected." in said
    rules = (
        ("reject_above", "rows break the contract")
        if source == "epro"
        else ("column_missing", header)
    )
    (first, *_) = [line for line in said.splitlines() if line.startswith(source)]
    assert all(text.strip('"') in first for text in ("ERROR", *rules)), first


def rename(path: Path, header: bytes) -> None:
    """Give a column another header of the same length, wherever the file says it."""
    other = header[:-2] + b"X" + header[-1:]
    if path.suffix == ".parquet":
        table = pq.read_table(path)
        names = [other.decode() if n == header.decode() else n for n in table.column_names]
        assert names != table.column_names
        pq.write_table(table.rename_columns(names), path)
    elif path.suffix == ".xlsx":
        with zipfile.ZipFile(path) as archive:
            parts = {item: archive.read(item) for item in archive.namelist()}
        assert any(b">" + header + b"<" in part for part in parts.values())
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, part in parts.items():
                archive.writestr(name, part.replace(b">" + header + b"<", b">" + other + b"<"))
    else:
        content = path.read_bytes()
        assert header in content
        path.write_bytes(content.replace(header, other))
