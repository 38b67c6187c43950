"""Contract files: what is accepted, and how an error names file, line and key."""

from __future__ import annotations

import csv
import json
import re
from datetime import date
from pathlib import Path
from textwrap import dedent

import jsonschema
import pytest
import yaml

from ingestion import ContractError, load_contracts
from ingestion.code_lists import CODE_LISTS, DEATH_CAUSES
from ingestion.contract_schema import json_schema
from ingestion.layout import header_at

DELIMITED = """\
source: clinic
format: delimited
tables:
  patients:
    files: "patients*.csv"
    key: [patient_id]
    columns:
      patient_id: {header: NO, required: true, identifier: pseudonym, kind: patient}
      seen: {header: VU, type: date}
"""


def write(folder: Path, text: str, name: str = "clinic.yml") -> Path:
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(text, encoding="utf-8")
    return folder


def error_of(tmp_path: Path, text: str) -> str:
    with pytest.raises(ContractError) as caught:
        load_contracts([write(tmp_path / "c", text)])
    return str(caught.value)


def test_a_common_extract_needs_two_lines(tmp_path: Path) -> None:
    contracts = load_contracts([write(tmp_path / "c", "source: clinic\nformat: common_extract\n")])
    assert contracts["clinic"].delivery == "snapshot"
    assert contracts["clinic"].registers_from == "infusion"
    assert contracts["clinic"].reject_above == 0.2
    assert set(contracts["clinic"].tables) == {
        "patients", "treatments", "events", "assessments", "covariates", "observations",
        "questionnaires", "stays",
    }  # fmt: skip


def test_the_built_in_contracts_are_valid() -> None:
    folder = Path(__file__).parents[3] / "expectations" / "contracts"
    assert set(load_contracts([folder])) >= {"cart_registry", "epro", "gene_therapy_registry"}


def test_later_folders_override_earlier_ones(tmp_path: Path) -> None:
    first = write(tmp_path / "a", "source: clinic\nformat: common_extract\ntitle: first\n")
    second = write(tmp_path / "b", "source: clinic\nformat: common_extract\ntitle: second\n")
    assert load_contracts([first, second, tmp_path / "none"])["clinic"].title == "second"


@pytest.mark.parametrize(
    ("key", "wrong", "line", "right"),
    [
        ("delivery", "delivary: snapshot", 3, "delivery"),
        ("registers_from", "register_from: infusion", 3, "registers_from"),
    ],
)
def test_an_unknown_key_names_the_nearest(
    tmp_path: Path, key: str, wrong: str, line: int, right: str
) -> None:
    message = error_of(tmp_path, f"source: clinic\nformat: common_extract\n{wrong}\n")
    assert f"clinic.yml, line {line}: unknown key `{wrong.split(':')[0]}`" in message
    assert f"did you mean `{right}`?" in message


def test_an_unknown_key_deep_in_a_table_is_found(tmp_path: Path) -> None:
    message = error_of(tmp_path, DELIMITED.replace("header: VU", "heading: VU"))
    assert "line 9: unknown key `tables.patients.columns.seen.heading`" in message
    assert "did you mean `header`?" in message


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("key: [patient_id]", "key: [patient]", ("line 6", "patients.key`: key column `patient`")),
        ("type: date", "type: datum", ("line 9", "columns.seen.type")),
        (", kind: patient", "", ("line 8", "needs `kind`")),
        ("header: VU", "header: no", ("line 9", "columns.seen`: ", "same header")),
        ('"patients*.csv"', '"../patients.csv"', ("line 5", "without folders")),
        ("source: clinic", "source: Clinic 1", ("line 1", "a-z, 0-9 and _")),
        ("format: delimited", "format: delimited\nformat: delimited", ("line 3", "twice")),
        (
            "format: delimited",
            "format: common_extract",
            ("line 3", "`tables`", "leave out `tables`"),
        ),
        ("format: delimited\n", "", ("`format` is missing",)),
        ("type: date}", "type: date", ("line",)),
    ],
)
def test_a_broken_contract_says_where(
    tmp_path: Path, old: str, new: str, words: tuple[str, ...]
) -> None:
    assert old in DELIMITED
    message = error_of(tmp_path, DELIMITED.replace(old, new, 1))
    for word in ("clinic.yml", *words):
        assert word in message


def test_one_source_in_two_files_is_refused(tmp_path: Path) -> None:
    folder = write(tmp_path / "c", DELIMITED)
    write(folder, DELIMITED, "other.yml")
    with pytest.raises(ContractError, match=r"already described in clinic\.yml"):
        load_contracts([folder])


def test_codes_stay_text(tmp_path: Path) -> None:
    text = "source: clinic\nformat: common_extract\ncode_maps: {respondent: {NO: '0', 01: one}}\n"
    text += "death_cause_map: {PROGRESSION: disease_progression}\n"
    contract = load_contracts([write(tmp_path / "c", text)])["clinic"]
    assert contract.all_code_maps == {
        "respondent": {"NO": "0", "01": "one"},
        "death_cause": {"PROGRESSION": "disease_progression"},
    }


@pytest.mark.parametrize("header", ["A", "B", "C"])
def test_revisions_give_the_header_of_a_date_whichever_name_the_column_has(
    tmp_path: Path, header: str
) -> None:
    text = DELIMITED.replace("header: VU", f"header: {header}") + (
        "revisions:\n"
        "  - {from: 2025-01-01, table: patients, renamed: {A: B}}\n"
        "  - {from: 2026-01-01, table: patients, renamed: {B: C}}\n"
    )
    revisions = load_contracts([write(tmp_path / "c", text)])["clinic"].revisions
    days = {"A": date(2024, 12, 31), "B": date(2025, 1, 1), "C": date(2026, 1, 1)}
    for name, day in days.items():
        current, others = header_at(header, revisions, day)
        assert current == name
        assert set(others) == {"A", "B", "C"} - {name}


def test_a_revision_of_an_unknown_header_is_refused(tmp_path: Path) -> None:
    text = DELIMITED + "revisions: [{from: 2025-01-01, table: patients, renamed: {X: Y}}]\n"
    message = error_of(tmp_path, text)
    line = len(text.splitlines())
    assert f"line {line}: key `revisions.0.renamed.X`: a revision renames `X`" in message


def test_only_what_shapes_raw_changes_the_fingerprint(tmp_path: Path) -> None:
    prints = set()
    for more in ("", "title: other\n", "owner: somebody\n", "reject_above: 0.5\n"):
        text = DELIMITED + more
        prints.add(load_contracts([write(tmp_path / "c", text)])["clinic"].fingerprint)
    assert len(prints) == 2


def test_the_examples_of_the_documentation_are_valid(tmp_path: Path) -> None:
    docs = Path(__file__).parents[3] / "docs"
    for page in (docs / "common-extract-format.md", docs / "guides" / "contracts.md"):
        _, _, rest = page.read_text(encoding="utf-8").partition("```yaml\n")
        example = dedent(rest.partition("```")[0])
        assert load_contracts([write(tmp_path / page.stem, example)])
        # The keys shown as comments are right as well.
        shown = [line.removeprefix("# ") for line in example.splitlines()]
        assert load_contracts([write(tmp_path / page.stem, "\n".join(shown))])


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("source: &a x\nformat: *a\n", "without `&` or `*`"),
        ("source: x\nformat: " + "[" * 50 + "]" * 50 + "\n", "nested more than"),
        ("source: x\ntitle: " + "long " * 300_000 + "\n", "no contract"),
    ],
)
def test_traps_are_refused_with_a_sentence(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "x.yml").write_text(text)
    with pytest.raises(ContractError, match=re.escape(said)):
        load_contracts([tmp_path])


def test_the_schema_that_editors_use_is_the_one_of_the_code() -> None:
    path = Path(__file__).resolve().parents[3] / "docs" / "contract.schema.json"
    assert json.loads(path.read_text(encoding="utf-8")) == json_schema(), (
        "write it again: python -m ingestion.contract_schema > docs/contract.schema.json"
    )


def test_the_schema_and_the_models_agree_on_what_a_contract_is(tmp_path: Path) -> None:
    check = jsonschema.Draft202012Validator(json_schema())
    built_in = Path(__file__).resolve().parents[3] / "expectations" / "contracts"
    for path in built_in.glob("*.yml"):
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
        for revision in content.get("revisions", []):
            if "from" in revision:
                revision["from"] = revision["from"].isoformat()
        assert not list(check.iter_errors(content)), path.name
    assert list(check.iter_errors({"source": "x", "format": "common_extract", "titel": "y"}))


@pytest.mark.parametrize(
    ("csv", "key", "said"),
    [
        ("{encoding: base64}", "csv.encoding", "no such encoding of text"),
        ("{encoding: rot13}", "csv.encoding", "no such encoding of text"),
        ("{encoding: hex}", "csv.encoding", "no such encoding of text"),
        ("{encoding: idna}", "csv.encoding", "no such encoding of text"),
        ("{encoding: undefined}", "csv.encoding", "no such encoding of text"),
        ("{encoding: utf-9}", "csv.encoding", "no such encoding of text"),
        ('{delimiter: ";;"}', "csv.delimiter", "at most 1 character"),
        ('{delimiter: ""}', "csv.delimiter", "at least 1 character"),
        ('{delimiter: "\\""}', "csv.delimiter", "cannot separate fields"),
        ('{delimiter: "é"}', "csv.delimiter", "one byte"),
        ('{date_format: "dd/mm/yyyy"}', "csv.date_format", "strptime codes"),
        ('{date_format: "%d/%m"}', "csv.date_format", "strptime codes"),
        ('{date_format: "%d/%m/%Q"}', "csv.date_format", "strptime codes"),
        ('{date_format: "%d%"}', "csv.date_format", "strptime codes"),
        ('{decimal: ";"}', "csv.decimal", "input should be '.' or ','"),
    ],
)
def test_a_way_of_writing_files_that_cannot_be_is_told(
    tmp_path: Path, csv: str, key: str, said: str
) -> None:
    message = error_of(tmp_path, f"source: x\nformat: common_extract\ncsv:\n  {csv[1:-1]}\n")
    assert f"line 4: key `{key}`: " in message
    assert said in message


@pytest.mark.parametrize(
    "form", ["%d/%m/%Y", "%Y%m%d", "%d.%m.%y", "%m/%d/%Y %H:%M", "%d-%b-%Y", "%Y-%j"]
)
def test_ways_of_writing_days_that_are_read(tmp_path: Path, form: str) -> None:
    text = f'source: clinic\nformat: common_extract\ncsv: {{date_format: "{form}"}}\n'
    assert load_contracts([write(tmp_path, text)])["clinic"].csv.date_format == form


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("code_maps: {product_codes: {AXI: axi}}", r"line 3.*product_codes.*mean `product_code`"),
        ("death_cause_map: {P: progression}", r"line 3.*`death_cause_map\.P`.*disease_progression"),
        ("direct_identifiers: [patient_id]", r"line 3.*direct_identifiers.*column of the table"),
    ],
)
def test_names_that_would_do_nothing_are_refused(tmp_path: Path, line: str, told: str) -> None:
    text = f"source: clinic\nformat: common_extract\n{line}\n"
    with pytest.raises(ContractError, match=told):
        load_contracts([write(tmp_path / "c", text)])


def test_code_lists_and_causes_of_death_are_those_of_the_seeds() -> None:
    project = Path(__file__).resolve().parents[3] / "dbt_project"
    codes = (project / "models/intermediate/codes/int_code.sql").read_text()
    resolved = set(re.findall(r"'(\w+)': '\w+'", codes))
    # Beside them: lists that models read from the contract's map alone.
    assert resolved | {"observation_value", "centre_id", "covariate"} == CODE_LISTS
    with (project / "seeds/codelists/death_cause.csv").open(newline="") as file:
        assert {row["id"] for row in csv.DictReader(file)} == DEATH_CAUSES
