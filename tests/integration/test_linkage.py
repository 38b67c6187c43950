"""Two registries without a common identifier, run together: persons linked, taken out, re-keyed."""

import csv
import hashlib
import hmac
import shutil
from pathlib import Path

import duckdb
import pytest

from orchestration.cli import main
from tests.lib.command_line import atmp_rwe
from tests.lib.stored_content import Needles, contents

pytestmark = pytest.mark.slow

PATIENT = ("patient_id", "sex", "birth_year", "vital_status", "death_date", "last_contact_date")
TREATMENT = (
    "treatment_id",
    "patient_id",
    "product_code",
    "indication_code",
    "centre_id",
    "infusion_date",
)
STUDY = "id: both\ntitle: Two registries\npopulation: {sources: [north]}\n"
# Number in the north, number in the south, sex, year of birth, infusion. South numbers anew, and
# tells the deaths of those who moved there.
BOTH = [(f"N-{i}", f"S-{50 - i}", "FM"[i % 2], 1940 + i, f"2025-01-{1 + i:02d}") for i in range(12)]
TWINS = [("N-90", "S-90"), (None, "S-91")]  # one in the north, two candidates in the south


def _write(path: Path, header: tuple[str, ...], rows: list[tuple[object, ...]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", newline="") as file:
        csv.writer(file).writerows([header, *rows])


def _deliver(home: Path) -> None:
    persons: dict[str, list[tuple[object, ...]]] = {"north": [], "south": []}
    treatments: dict[str, list[tuple[object, ...]]] = {"north": [], "south": []}

    def add(source: str, number: str, sex: str, year: int, day: str, death: str) -> None:
        product = {"north": "YESCARTA", "south": "axicabtagene ciloleucel"}[source]
        centre = {"north": "Hôpital A", "south": "A-01"}[source]
        status = ("dead", death, death) if death else ("alive", "", "2025-06-30")
        persons[source].append((number, sex, year, *status))
        treatments[source].append((f"T{number}", number, product, "dlbcl", centre, day))

    for place, (north, south, sex, year, day) in enumerate(BOTH):
        add("north", north, sex, year, day, "")
        add("south", south, sex, year, day, "2025-09-01" if place % 3 == 0 else "")
    for north, south in TWINS:
        if north:
            add("north", north, "F", 1980, "2025-02-02", "")
        add("south", south, "F", 1980, "2025-02-02", "2025-03-03")
    maps = "code_maps: {centre_id: {Hôpital A: A-01}}\n"
    (home / "contracts").mkdir(parents=True)
    (home / "studies").mkdir()
    (home / "studies" / "both.yml").write_text(STUDY)
    for source in persons:
        folder = home / "landing" / source / "2026-01-31"
        _write(folder / "patients.csv", PATIENT, persons[source])
        _write(folder / "treatments.csv", TREATMENT, treatments[source])
        text = f"source: {source}\nformat: common_extract\n" + (maps if source == "north" else "")
        (home / "contracts" / f"{source}.yml").write_text(text)


@pytest.fixture(scope="module")
def released(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("linkage") / "home"
    _deliver(home)
    done = atmp_rwe(home, "run")
    assert done.returncode == 0, done.stdout + done.stderr
    return home


@pytest.fixture
def home(released: Path, tmp_path: Path) -> Path:
    shutil.copytree(released, tmp_path / "home", symlinks=True)
    shutil.copytree(released.parent / "home-user", tmp_path / "home-user")
    return tmp_path / "home"


def _rows(home: Path, query: str) -> list[tuple[object, ...]]:
    path = home / "release" / "current" / "atmp_rwe.duckdb"
    with duckdb.connect(str(path), read_only=True) as con:
        return con.execute(query).fetchall()


def test_one_person_of_two_registries_has_one_death_and_the_evidence_is_kept(
    released: Path,
) -> None:
    linked = _rows(
        released,
        "select count(distinct patient_id), count(distinct delivered_patient_id) "
        "from marts.person_link where verdict = 'linked'",
    )
    assert linked == [(12, 24)]
    dead = "select source, count(*) from marts.patient where vital_status = 'dead' group by all"
    assert sorted(_rows(released, dead)) == [("north", 4), ("south", 6)]
    events = "select sum(event), count(*) from marts.time_to_event where endpoint = "
    assert _rows(released, f"{events} 'overall_survival' and source = 'north'") == [(4, 13)]
    # The same infusion told twice is no second treatment of the person.
    assert _rows(released, f"{events} 'time_to_next_treatment' and source = 'north'") == [(0, 13)]


def test_several_candidates_are_left_apart_and_listed(released: Path) -> None:
    ambiguous = _rows(
        released,
        "select source, n_persons, patient_id = delivered_patient_id, birth_year "
        "from marts.person_link where verdict = 'ambiguous' order by all",
    )
    assert ambiguous == [
        ("north", 3, True, 1980),
        ("south", 3, True, 1980),
        ("south", 3, True, 1980),
    ]


def test_a_linked_person_is_erased_under_every_number(
    home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ATMP_RWE_KEY_FILE", str(home.parent / "home-user" / "pseudonym.key"))
    person, other = _rows(
        home,
        "select patient_id, delivered_patient_id from marts.person_link "
        "where patient_id <> delivered_patient_id order by all",
    )[0]
    assert main(["--home", str(home), "forget", str(other), "--mode", "erase"]) == 0
    assert "2 linked pseudonyms" in capsys.readouterr().out
    kept = [p for p in home.rglob("*") if p.is_file() and home / "landing" not in p.parents]
    for number in (person, other):
        assert not [p for p in kept if str(number).encode() in p.read_bytes()]
    assert _rows(home, "select count(distinct patient_id) from marts.patient") == [(14,)]


def test_the_key_is_rotated_and_the_results_stay(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ATMP_RWE_KEY_FILE", str(home.parent / "home-user" / "pseudonym.key"))
    curve = "from results.survival_curve order by all"
    before = _rows(home, curve)
    persons = {str(n) for (n,) in _rows(home, "select delivered_patient_id from marts.person_link")}
    assert main(["--home", str(home), "key", "rotate"]) == 0
    stored = [p for layer in ("raw", "quarantine") for p in (home / layer).rglob("*.parquet")]
    assert stored
    with duckdb.connect() as con:
        for path in stored:
            for row in con.execute("select * from read_parquet(?)", [str(path)]).fetchall():
                assert not persons & {str(value) for value in row}
    assert atmp_rwe(home, "run").returncode == 0
    assert _rows(home, curve) == before
    after = {str(n) for (n,) in _rows(home, "select delivered_patient_id from marts.person_link")}
    assert len(after) == len(persons)
    assert not after & persons


def _names(home: Path) -> tuple[str, str]:
    """Two numbers of one person, as the release names them."""
    query = (
        "select patient_id, delivered_patient_id from marts.person_link "
        "where patient_id <> delivered_patient_id order by all"
    )
    person, other = _rows(home, query)[0]
    return str(person), str(other)


def _later(home: Path, pseudonym: str) -> str:
    """What a pseudonym has become, from the key file and what the guide says of rotations."""
    for line in (home.parent / "home-user" / "pseudonym.key").read_text().split()[1:]:
        told = hashlib.sha256(pseudonym.encode()).hexdigest()
        message = f"rotated|{told}".encode()
        pseudonym = hmac.new(bytes.fromhex(line), message, "sha256").hexdigest()[:32]
    return pseudonym


def _holding(home: Path, numbers: list[str]) -> list[Path]:
    needles = Needles(numbers)
    kept = [p for p in home.rglob("*") if p.is_file() and home / "landing" not in p.parents]
    return [p for p in kept if any(needles.found_in(data) for data in contents(p))]


@pytest.mark.parametrize("named", ["as today", "as in the old release"])
def test_a_linked_person_is_erased_everywhere_after_a_rotation_and_before_a_run(
    home: Path, named: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ATMP_RWE_KEY_FILE", str(home.parent / "home-user" / "pseudonym.key"))
    person, other = _names(home)
    treatments = _rows(
        home, f"select treatment_id from marts.treatment where patient_id = '{person}'"
    )
    before = _rows(home, "select count(*) from marts.patient")[0][0]
    assert main(["--home", str(home), "key", "rotate"]) == 0
    assert main(["--home", str(home), "key", "rotate"]) == 0
    numbers = [person, other, *(str(n) for (n,) in treatments)]
    numbers += [_later(home, number) for number in numbers]
    assert _holding(home, [_later(home, other)])
    asked = _later(home, other) if named == "as today" else other
    assert main(["--home", str(home), "forget", asked, "--mode", "erase"]) == 0
    told = capsys.readouterr().out
    assert "2 linked pseudonyms" in told
    assert "rows of 1 releases" in told
    assert _holding(home, numbers) == []
    assert _rows(home, "select count(*) from marts.patient")[0][0] == int(str(before)) - 2


def test_a_release_of_before_a_rotation_needs_the_key_to_take_anybody_out(
    home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    key = home.parent / "home-user" / "pseudonym.key"
    monkeypatch.setenv("ATMP_RWE_KEY_FILE", str(key))
    _, other = _names(home)
    assert main(["--home", str(home), "key", "rotate"]) == 0
    today = _later(home, other)
    monkeypatch.setenv("ATMP_RWE_KEY_FILE", str(home.parent / "elsewhere.key"))
    assert main(["--home", str(home), "forget", today, "--mode", "erase"]) == 1
    assert "before the key was rotated" in capsys.readouterr().err
    assert _holding(home, [today])
    assert not (home / "exclusions.jsonl").exists()


def test_links_that_went_with_the_releases_of_before_a_rotation_are_asked_for(
    home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ATMP_RWE_KEY_FILE", str(home.parent / "home-user" / "pseudonym.key"))
    _, other = _names(home)
    assert main(["--home", str(home), "key", "rotate"]) == 0
    today = _later(home, other)
    shutil.rmtree(home / "release")
    assert main(["--home", str(home), "forget", today, "--mode", "erase"]) == 1
    assert "run `atmp-rwe run` first" in capsys.readouterr().err
    assert _holding(home, [today])
