"""Undeclared columns that give persons away by their cells taken together, and others."""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

import ingestion
from ingestion import identifying_columns
from ingestion.identifying_columns import ColumnWatch, what_looks_identifying
from tests.lib.ingestion_site import Site

HEADER = "patient_id,sex,birth_year,vital_status,last_contact_date"
FIRST = ("Aube", "Brume", "Cerise", "Dune", "Écume", "Fleur", "Grêle", "Houle", "Iris", "Jade")
LAST = ("Factice", "Inventé", "Le Faux", "D'Essai", "Modèle-Type", "MANNEQUIN", "Témoin", "Ombre")
NAMES = [f"{first} {last}" for first in FIRST for last in LAST]
BIRTHS = [f"{1930 + i % 60}-0{1 + i % 9}-1{i % 10}" for i in range(40)]
REMARKS = [f"vue le {i} par le docteur, sortie prévue ensuite" for i in range(40)]


def kind(
    cells: Sequence[str],
    *,
    persons: Sequence[str] | None = None,
    births: Sequence[str] | None = None,
) -> str | None:
    def array(texts: Sequence[str]) -> pa.Array:
        return pa.array(list(texts), pa.string())

    return what_looks_identifying(
        array(cells),
        None if persons is None else array(persons),
        None if births is None else array(births),
        2026,
    )


@pytest.mark.parametrize(
    "cells",
    [
        NAMES,
        [name.upper() for name in NAMES],
        [", ".join(reversed(name.split(" ", 1))) for name in NAMES],
        [f"M. {name}" for name in NAMES],
        ["Jan van der Proef", "Ana de la Prueba", "J.-P. Essai", "Zoé O'Test"],
        [*NAMES, *["inconnu"] * 15],
    ],
)
def test_names_of_persons(cells: list[str]) -> None:
    assert kind(cells) == "names of persons"


def test_a_name_in_every_row_of_a_person_is_still_a_name() -> None:
    persons = [str(i) for i in range(20) for _ in range(5)]
    names = [NAMES[int(person)] for person in persons]
    assert kind(names, persons=persons) == "names of persons"


@pytest.mark.parametrize(
    "cells",
    [
        ["Complete Response", "Partial Response", "Stable Disease"] * 20,  # a code list in words
        ["Axicabtagene Ciloleucel", "Tisagenlecleucel", "Brexucabtagene Autoleucel"] * 9,
        ["Hôpital Inventé", "Centre Modèle", "Clinique Factice"] * 12,
        [f"Cohort {i}" for i in range(40)],  # words with digits
        [f"AB{i}CD" for i in range(40)],
        ["progressive disease", "stable disease", "no change"],
        ["Jeanne Inventée", "Jeanne Inventée"],  # too few to say anything
        [name.split()[0] for name in NAMES],  # single words: what no rule without a list can tell
        ["C83.3", "C83.1", "C92.0"] * 5,
        ["12,5 mg/L", "7 g/dL", "120 UI/L", "3 10*9/L"],
    ],
)
def test_what_are_no_names(cells: list[str]) -> None:
    assert kind(cells) is None


@pytest.mark.parametrize(
    "cells",
    [
        BIRTHS,
        [f"1{i % 10}/0{1 + i % 9}/{1930 + i % 60}" for i in range(40)],
        [f"1{i % 10}.0{1 + i % 9}.{30 + i % 60}" for i in range(40)],  # of two digits
        [text.replace("-", "") for text in BIRTHS],
        [f"{text} 00:00:00" for text in BIRTHS],
    ],
)
def test_birth_dates_of_adults(cells: list[str]) -> None:
    assert kind(cells) == "birth dates"


def test_a_birth_date_is_told_by_the_year_of_birth() -> None:
    """Of children too; and an old date that is none is kept."""
    children = [f"2020-0{1 + i % 9}-1{i % 10}" for i in range(30)]
    assert kind(children) is None
    assert kind(children, births=["2020"] * 30) == "birth dates"
    assert kind(children, births=[f"2020-0{1 + i % 9}-01" for i in range(30)]) == "birth dates"
    diagnosed = [f"{1990 + i % 9}-03-1{i % 10}" for i in range(30)]
    assert kind(diagnosed) == "birth dates"
    assert kind(diagnosed, births=[str(1950 + i % 9) for i in range(30)]) is None


@pytest.mark.parametrize(
    "cells",
    [
        [f"2025-0{1 + i % 9}-1{i % 10}" for i in range(30)],
        [f"1{i % 10}/0{1 + i % 9}/25" for i in range(30)],
        [str(1940 + i) for i in range(40)],  # years alone
        [f"195{i % 10}1{i}" for i in range(40)],
    ],
)
def test_what_are_no_birth_dates(cells: list[str]) -> None:
    assert kind(cells) is None


def test_addresses_and_remarks() -> None:
    streets = [f"{i + 1} bis, rue du Modèle" for i in range(9)]
    assert kind(streets) == "postal addresses"
    assert kind([f"{i} Invented Street, Anytown" for i in range(9)]) == "postal addresses"
    assert kind(REMARKS) == "remarks in words"
    assert (
        kind(["Diffuse large B-cell lymphoma, not otherwise specified"] * 30 + ["a", "b"]) is None
    )
    assert kind([f'[{{"n": {i}, "of": "a list of five words"}}]' for i in range(30)]) is None


def test_the_number_of_the_patient_written_once_more() -> None:
    numbers = [f"P{i}" for i in range(30)]
    assert kind(numbers, persons=numbers) == "numbers of patients"
    assert kind(numbers, persons=numbers[::-1]) is None
    assert kind(["0", "1"] * 9, persons=["0", "1"] * 9) is None


# ---------------------------------------------------------------- on the way in


def people(columns: dict[str, Sequence[str]]) -> str:
    """Patients born in the years of BIRTHS, with these columns more."""
    lines = [",".join([HEADER, *columns])]
    for i, row in enumerate(zip(*columns.values(), strict=True)):
        lines.append(",".join([str(i), "F", BIRTHS[i][:4], "alive", "2025-01-01", *row]))
    return "\n".join(lines) + "\n"


def test_such_columns_are_dropped_together_and_reported(site: Site) -> None:
    columns = {
        "ref_a": [name.replace(",", "") for name in NAMES[:40]],
        "ref_b": BIRTHS,
        "ref_c": [text.replace(",", "") for text in REMARKS],
        "ref_d": [str(i) for i in range(40)],
        "score": [str(i % 7) for i in range(40)],
    }
    site.deliver({"patients.csv": people(columns)})
    (record,) = site.load()
    assert (record.status, record.loaded) == ("accepted", 40)
    dropped = {f.column: f.message for f in record.findings if f.rule == "column_dropped"}
    assert dropped == {
        "ref_a": "undeclared column ref_a holds what looks like names of persons: not kept",
        "ref_b": "undeclared column ref_b holds what looks like birth dates: not kept",
        "ref_c": "undeclared column ref_c holds what looks like remarks in words: not kept",
        "ref_d": "undeclared column ref_d holds what looks like numbers of patients: not kept",
    }
    (row, *_) = site.rows("raw", "patients")
    assert "score" in row and not {"ref_a", "ref_b", "ref_c", "ref_d"} & row.keys()
    assert site.check().findings == record.findings
    stored = "".join(str(pq.read_table(p).to_pylist()) for p in site.home.rglob("raw/**/*.parquet"))
    assert "Factice" not in stored and BIRTHS[0] not in stored


def test_a_contract_that_declares_the_column_decides(site: Site) -> None:
    site.contract(
        "source: registry\nformat: delimited\ntables:\n  people:\n    files: people.csv\n"
        "    columns:\n      number: {}\n      centre: {}\n"
    )
    rows = "".join(f"{i},{name}\n" for i, name in enumerate(NAMES))
    site.deliver({"people.csv": f"number,centre\n{rows}"})
    (record,) = site.load()
    assert not [f for f in record.findings if f.rule == "column_dropped"]
    assert site.rows("raw", "people")[0]["centre"] == NAMES[0]


def test_a_column_is_judged_once_by_its_first_cells(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(identifying_columns, "LOOKED_AT", 10)
    codes = pa.array(["CR", "", None, "PR"] * 3)
    names = pa.array(NAMES)
    watch = ColumnWatch(2026)
    assert watch.look(codes, None, None) is None
    assert watch.look(names, None, None) is None, "six codes and four names are no names"
    assert watch.look(names, None, None) is None
    assert watch.verdict() is None
    watch = ColumnWatch(2026)
    assert watch.look(pa.array(["", None]), None, None) is None
    assert watch.look(names[:6], None, None) is None, "it is told at the tenth or at the end"
    assert watch.look(names[6:], None, None) == "names of persons"


def test_a_draft_drops_such_columns(site: Site) -> None:
    rows = "".join(f"{i};{name};{i % 3}\n" for i, name in enumerate(NAMES))
    folder = site.deliver({"people.csv": f"number;label;grade\n{rows}"})
    text = ingestion.draft_contract([folder / "people.csv"])
    (line,) = [line for line in text.splitlines() if "label" in line]
    assert "identifier: drop" in line and "looks like names of persons" in line
    assert "identifier" not in next(line for line in text.splitlines() if "grade" in line)


@given(
    cells=st.lists(
        st.one_of(st.text(max_size=30), st.sampled_from([*NAMES, *BIRTHS])), max_size=20
    ),
    births=st.booleans(),
)
def test_any_texts_can_be_looked_at(cells: list[str], births: bool) -> None:
    texts = [text.encode("utf-8", "replace").decode() for text in cells]
    kind(texts, persons=texts, births=texts if births else None)
