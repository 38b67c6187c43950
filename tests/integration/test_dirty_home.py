"""A registry that sends what it should not: none of it is anywhere in the home but in the landing
folder, whatever packs it, nor in what the commands print.

Address and remarks are declared as identifiers; national numbers come in a column nobody declared,
in rows that are refused, in the name of a file, and in a delivery that is rejected as a whole.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

import ingestion
from tests.lib.command_line import atmp_rwe
from tests.lib.common_extract import write_home
from tests.lib.delivered_identifiers import delivered_identifiers
from tests.lib.stored_content import Needles, contents

pytestmark = pytest.mark.slow

PERSONS, TORN, REFUSED = 40, 4, 8
#: Of an address and of a remark, should one be cut or stand in the middle of something.
PARTS = ("Exemple-Factice", "Plantenom")
CONTRACT = """\
source: dirty
format: delimited
csv: {delimiter: ";"}
reject_above: 0.5
tables:
  patients:
    files: "patients*.csv"
    key: [patient_id]
    columns:
      patient_id: {header: IPP, required: true, identifier: pseudonym, kind: patient}
      address: {header: RESIDENCE, identifier: drop}
      remarks: {header: REM, identifier: drop}
      included: {header: INCLUSION, type: date, required: true}
      ldh: {header: LDH, type: number}
"""
HEADER = "IPP;RESIDENCE;REM;INCLUSION;LDH;X1"


def national_number(person: int) -> str:
    """An invented one of 15 digits, its key right."""
    digits = f"{1 + person % 2}{40 + person % 50}0{1 + person % 9}99{100 + person:03}{200 + person}"
    return f"{digits}{97 - int(digits) % 97:02}"


def rows() -> Iterator[str]:
    """Most are good; some are refused for a date or a number, some are torn in their middle."""
    for i in range(PERSONS):
        residence = f"{i + 1} rue de l'Exemple-Factice, bâtiment {i}"
        remark = f"vue le {i} avec la famille Plantenom-{i:02}, rappeler au 06{i:02}123456"
        included = f"2025-13-{i:02}" if i % 9 == 4 else f"2025-03-{1 + i % 28:02}"
        ldh = remark if i % 9 == 6 else f"{250 + i}"
        cells = [f"IPP-{i:05}", residence, remark, included, ldh, national_number(i)]
        if i % 9 == 8:
            cells.insert(2, national_number(i))
        yield ";".join(cells)


@dataclass(frozen=True)
class Dirty:
    """A home after a run; its direct identifiers; all that was printed on the way."""

    home: Path
    needles: Needles
    printed: str


@pytest.fixture(scope="module")
def dirty(tmp_path_factory: pytest.TempPathFactory) -> Dirty:
    home = tmp_path_factory.mktemp("dirty") / "home"
    write_home(home)
    (home / "contracts" / "dirty.yml").write_text(CONTRACT)
    good, bad = (home / "landing" / "dirty" / day for day in ("2026-01-31", "2026-02-28"))
    text = "\n".join([HEADER, *rows(), ""])
    for folder in (good, bad):
        folder.mkdir(parents=True)
    (good / f"patients_{national_number(7)}.csv").write_text(text)
    (bad / "patients.csv").write_text(text.replace("INCLUSION", "INCLUS"))
    contracts = ingestion.load_contracts([home / "contracts"])
    texts = delivered_identifiers(home / "landing", contracts, kinds=("patient", "treatment"))
    assert len(texts["dirty"]) == 3 * (PERSONS - TORN)
    numbers = {national_number(i) for i in range(PERSONS)}
    short = {number[:13] for number in numbers}  # without its key
    needles = Needles({*texts["dirty"], *texts["small"], *numbers, *short, *PARTS})
    checked, ran = atmp_rwe(home, "validate"), atmp_rwe(home, "run")
    assert (checked.returncode, ran.returncode) == (1, 3), ran.stdout + ran.stderr
    shown = [atmp_rwe(home, "status"), checked, ran]
    return Dirty(home, needles, "".join(one.stdout + one.stderr for one in shown))


def found(needles: Needles, path: Path) -> bool:
    return any(needles.found_in(data) for data in contents(path))


def test_each_way_was_gone(dirty: Dirty) -> None:
    """Rows loaded, refused and torn; a column dropped, a name hidden, a delivery rejected: the scan
    has something to miss."""
    first, second = (r for r in ingestion.read_records(dirty.home) if r.source == "dirty")
    assert (first.status, second.status) == ("accepted", "rejected")
    assert (first.loaded, first.quarantined) == (PERSONS - TORN - REFUSED, TORN + REFUSED)
    rules = {finding.rule for finding in first.findings}
    assert rules >= {"column_dropped", "file_name_hidden", "ragged"}
    landing = dirty.home / "landing"
    assert sum(found(dirty.needles, path) for path in landing.rglob("*.csv")) == 4
    assert dirty.needles.found_in(national_number(7).encode())


def test_no_direct_identifier_is_in_the_home_but_in_the_landing_folder(dirty: Dirty) -> None:
    scanned = set()
    for path in dirty.home.rglob("*"):
        part = path.relative_to(dirty.home).parts[0]
        if part == "landing":
            continue
        assert dirty.needles.found_in(str(path.relative_to(dirty.home)).encode()) == set()
        if path.is_file() and not path.is_symlink():
            scanned.add(part)
            assert not found(dirty.needles, path), path
    assert scanned >= {"raw", "quarantine", "warehouse", "results", "release", "dagster"}


def test_no_direct_identifier_was_printed(dirty: Dirty) -> None:
    assert "dirty" in dirty.printed
    assert dirty.needles.found_in(dirty.printed.encode()) == set()
