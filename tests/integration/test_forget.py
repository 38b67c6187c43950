"""`atmp-rwe forget` on a home that a run has been made in."""

import json
import shutil
from pathlib import Path

import duckdb
import pytest

from orchestration import fingerprint, lock
from orchestration.cli import main
from orchestration.settings import Settings
from tests.conftest import Ran
from tests.lib.command_line import atmp_rwe
from tests.lib.stored_content import Needles, contents

pytestmark = pytest.mark.slow
ALL = "select table_schema, table_name from information_schema.tables order by all"
COMMENTS = "select schema_name, table_name, column_name, comment from duckdb_columns() order by all"


@pytest.fixture
def home(small: Ran, tmp_path: Path) -> Path:
    """A copy of a home with one release."""
    home = tmp_path / "home"
    shutil.copytree(small.home, home, symlinks=True)
    shutil.copytree(small.home.parent / "home-user", tmp_path / "home-user")
    return home


def _database(home: Path) -> Path:
    return home / "release" / "current" / "atmp_rwe.duckdb"


def _rows(path: Path, query: str) -> list[tuple[object, ...]]:
    with duckdb.connect(str(path), read_only=True) as con:
        return con.execute(query).fetchall()


def _person(home: Path) -> str:
    """Somebody with a treatment."""
    return str(_rows(_database(home), "select min(patient_id) from marts.treatment")[0][0])


def _mentions(home: Path, person: str) -> list[Path]:
    """The files that hold the pseudonym, in their bytes or in what is packed in them."""
    landing, needles = home / "landing", Needles([person])
    paths = [p for p in home.rglob("*") if p.is_file() and landing not in p.parents]
    return [p for p in paths if any(needles.found_in(data) for data in contents(p))]


def _counts(path: Path, person: str) -> dict[str, tuple[int, int]]:
    """Rows, and rows of the person, of each patient-level table."""
    return {
        table: (
            _rows(path, f"select count(*) from marts.{table}")[0][0],
            _rows(path, f"select count(*) from marts.{table} t where t::varchar like '%{person}%'")[
                0
            ][0],
        )
        for schema, table in _rows(path, ALL)
        if schema == "marts"
    }


def test_an_erased_person_is_in_no_byte_of_the_home_and_does_not_come_back(home: Path) -> None:
    person, database = _person(home), _database(home)
    older = home / "release" / "20200101T000000Z-00000000"
    shutil.copytree(database.parent, older)
    assert {p.relative_to(home).parts[0] for p in _mentions(home, person)} >= {
        "raw", "release", "warehouse"
    }  # fmt: skip
    before = _counts(database, person)
    results = _rows(database, "from results.survival_curve")
    structure, comments = _rows(database, ALL), _rows(database, COMMENTS)
    assert main(["--home", str(home), "forget", person.upper(), "--mode", "erase"]) == 0

    assert _mentions(home, person) == []
    assert json.loads((older / "manifest.json").read_text())["erasures"]
    after = _counts(database, person)
    assert after == {table: (rows - theirs, 0) for table, (rows, theirs) in before.items()}
    assert sum(theirs for _, theirs in before.values()) > 2
    assert _rows(database, "from results.survival_curve") == results
    assert (_rows(database, ALL), _rows(database, COMMENTS)) == (structure, comments)
    with duckdb.connect() as con:
        con.execute(f"attach '{database}' as release (read_only)")
        tags = con.execute("select tags from duckdb_databases() where database_name = 'release'")
        assert "v1.2.0" in str(tags.fetchall())
    assert list((home / "warehouse").glob("*.duckdb*")) == []
    (line,) = (home / "audit.jsonl").read_text().splitlines()
    assert {"at", "by", "mode", "person_sha256"} <= set(json.loads(line))
    manifest = json.loads((database.parent / "manifest.json").read_text())
    assert manifest["erasures"][0]["rows"] == sum(theirs for _, theirs in before.values())

    again = atmp_rwe(home, "run")
    assert again.returncode == 0, again.stdout + again.stderr
    assert "erased" in again.stdout
    assert _mentions(home, person) == []
    patients = _rows(_database(home), "select count(*) from marts.patient")[0][0]
    assert patients == before["patient"][0] - 1


def test_excluding_changes_the_fingerprint_and_nothing_that_was_built(home: Path) -> None:
    person, database = _person(home), _database(home)
    settings = Settings.from_environment({}, home=home)
    mark, bytes_before = fingerprint.of_run(settings, as_of=None, like=None), database.read_bytes()
    assert main(["--home", str(home), "forget", person, "--mode", "exclude"]) == 0
    assert fingerprint.of_run(settings, as_of=None, like=None) != mark
    assert database.read_bytes() == bytes_before


def test_an_excluded_person_is_in_nothing_built_afterwards(home: Path) -> None:
    """Neither in the next release nor in that of a past one made again."""
    person, old = _person(home), (home / "release" / "current").resolve()
    before = _counts(_database(home), person)
    assert sum(theirs for _, theirs in before.values()) > 2
    assert main(["--home", str(home), "forget", person, "--mode", "exclude"]) == 0
    for arguments in ([], ["--like", old.name]):
        process = atmp_rwe(home, "run", *arguments)
        assert process.returncode == 0, process.stdout + process.stderr
        made = (home / "release" / "current").resolve()
        assert made != old
        after = _counts(_database(home), person)
        assert {table: theirs for table, (_, theirs) in after.items()} == dict.fromkeys(before, 0)
        for table in ("patient", "treatment"):
            rows, theirs = before[table]
            assert (theirs, after[table][0]) == (1, rows - 1)
        assert not [path for path in _mentions(home, person) if made in path.parents]
        counted = "select max(n_remaining) from results.attrition"
        assert _rows(_database(home), counted) == [(before["patient"][0] - 1,)]
    # What was built before still has them, as the command said.
    assert _counts(old / "atmp_rwe.duckdb", person) == before


@pytest.mark.parametrize("mode", ["exclude", "erase"])
def test_a_pseudonym_nobody_has_changes_nothing(
    home: Path, mode: str, capsys: pytest.CaptureFixture[str]
) -> None:
    before = {p: p.stat().st_mtime_ns for p in home.rglob("*") if p.name != ".lock" and p.is_file()}
    assert main(["--home", str(home), "forget", "0" * 32, "--mode", mode]) == 1
    assert "nothing was changed" in capsys.readouterr().err
    after = {p: p.stat().st_mtime_ns for p in home.rglob("*") if p.name != ".lock" and p.is_file()}
    assert after == before


def test_a_patient_s_number_typed_by_mistake_is_not_repeated(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(["--home", str(tmp_path), "forget", "NAT-0042", "--mode", "erase"])
    assert stopped.value.code == 2
    printed = capsys.readouterr().err
    assert "32 hexadecimal digits" in printed
    assert "NAT-0042" not in printed


def test_a_home_in_use_is_left_alone(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lock.hold(home)
    try:
        busy = atmp_rwe(home, "forget", _person(home), "--mode", "erase")
    finally:
        lock.release(home)
    assert busy.returncode == 1
    assert "in use" in busy.stderr
    assert not (home / "exclusions.jsonl").exists()
