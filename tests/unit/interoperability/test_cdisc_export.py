"""Studies as ADaM datasets: clocks, censoring, codes and labels, on disk in both formats."""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq
import pyreadstat
import pytest

from analyses.interoperability import ExportError, export_cdisc
from analyses.interoperability.cdisc.files import variables
from analyses.interoperability.cdisc.parameters import (
    deterioration_codes,
    endpoint_codes,
    parameter_code,
    parameter_codes,
    scale_codes,
)
from analyses.quality_of_life.deterioration_endpoint import CHOICES
from analyses.studies import Study
from tests.lib.marts import INDEX, Marts, day

STUDY = Study(
    id="one",
    title="One study",
    endpoints=("overall_survival", "relapse", "progression_free_survival"),
    stratify_by="sex",
)


def people() -> Marts:
    """Ann dies of a relapse, Bob is lost, Cat dies without one, Dan is told after the cut-off."""
    told = Marts().source()
    told.person(
        "ann",
        outcomes={
            "overall_survival": (300, "death"),
            "relapse": (200, "relapse"),
            "progression_free_survival": (200, "relapse"),
        },
    )
    told.person(
        "bob",
        sex="M",
        entry_days=5,
        outcomes={
            "overall_survival": (500, None),
            "relapse": (500, None),
            "progression_free_survival": (500, None),
        },
    )
    told.person(
        "cat",
        outcomes={
            "overall_survival": (100, "death"),
            "relapse": (100, "death"),
            "progression_free_survival": (100, "death"),
        },
    )
    return told


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    to = tmp_path_factory.mktemp("cdisc") / "adam"
    export_cdisc(people().connect(), to, release_id="r1", studies=[STUDY])
    return to / "one"


def read(folder: Path, dataset: str) -> pd.DataFrame:
    return pq.read_table(folder / f"{dataset}.parquet").to_pandas()


def test_a_subject_is_a_row_of_adsl(exported: Path):
    adsl = read(exported, "adsl").set_index("SUBJID")
    assert list(adsl.index) == ["ann", "bob", "cat"]
    assert adsl.loc["ann", ["USUBJID", "SEX", "DTHFL", "DTHDT", "EOSSTT"]].tolist() == [
        "ONE-ann",
        "F",
        "Y",
        day(300),
        "DISCONTINUED",
    ]
    assert adsl.loc["bob", ["SEX", "DTHFL", "EOSSTT", "SAFFL"]].tolist() == [
        "M",
        None,
        "ONGOING",
        "Y",
    ]
    assert adsl["TRTSDT"].tolist() == [INDEX] * 3
    assert adsl["AGE"].tolist() == [64.0] * 3


def test_an_event_a_competing_event_and_a_censoring_are_told_apart(exported: Path):
    adtte = read(exported, "adtte").set_index(["USUBJID", "PARAMCD"])
    said = adtte[["AVAL", "CNSR", "EVNTDESC", "CNSDTDSC"]].apply(tuple, axis=1)
    assert said["ONE-ann", "RELAPSE"] == (200.0, 0.0, "RELAPSE", None)
    assert said["ONE-ann", "OS"] == (300.0, 0.0, "DEATH", None)
    assert said["ONE-cat", "RELAPSE"] == (100.0, 1.0, "COMPETING EVENT: DEATH", "COMPETING EVENT")
    assert said["ONE-cat", "PFS"] == (100.0, 0.0, "DEATH", None)
    aval, censored, described, _ = said["ONE-bob", "OS"]
    assert (aval, censored) == (500.0, 1.0)
    assert described.startswith("CENSORED AT ")
    assert adtte.loc[("ONE-bob", "OS"), "ENTRYDY"] == 5


def test_the_day_and_the_duration_agree_and_no_day_is_added(exported: Path):
    adtte = read(exported, "adtte")
    days = (pd.to_datetime(adtte["ADT"]) - pd.to_datetime(adtte["STARTDT"])).dt.days
    assert days.tolist() == adtte["AVAL"].tolist()


def test_a_cut_off_of_the_study_censors_there(tmp_path: Path):
    study = STUDY.model_copy(update={"data_cutoff": day(250)})
    export_cdisc(people().connect(), tmp_path / "adam", release_id="r1", studies=[study])
    adtte = read(tmp_path / "adam" / "one", "adtte").set_index(["USUBJID", "PARAMCD"])
    row = adtte.loc[("ONE-ann", "OS")]
    assert (row["AVAL"], row["CNSR"], row["CNSDTDSC"]) == (250.0, 1.0, "DATA CUT-OFF")


def test_a_study_without_patients_has_datasets_without_rows(tmp_path: Path):
    nobody = STUDY.model_copy(
        update={"population": STUDY.population.model_copy(update={"min_age": 110.0})}
    )
    done = export_cdisc(people().connect(), tmp_path / "a", release_id="r", studies=[nobody])
    assert set(done["tables"].values()) == {0}


def test_parameter_codes_are_short_unique_and_stand_for_one_parameter(exported: Path):
    for codes in (list(endpoint_codes().values()), list(scale_codes().values())):
        assert len(set(codes)) == len(codes)
        assert all(re.fullmatch("[A-Z][A-Z0-9]{0,7}", code) for code in codes)
    assert not set(endpoint_codes().values()) & set(scale_codes().values())
    assert parameter_code("deterioration:qlq-c30:PF") not in {*endpoint_codes().values()}
    adtte = read(exported, "adtte")
    assert adtte.groupby("PARAMCD")["PARAM"].nunique().eq(1).all()


def test_every_choice_of_a_deterioration_has_a_code_of_its_own():
    scale = "deterioration:eq-5d-5l:utility"
    words = [*CHOICES, "threshold_0.08", "threshold_0.07", "death_censored+threshold_0.08"]
    names = [scale, "overall_survival", *(f"{scale}@{word}" for word in words)]
    codes = parameter_codes(names)
    assert len(set(codes.values())) == len(names)
    assert all(re.fullmatch("[A-Z][A-Z0-9]{0,7}", code) for code in codes.values())
    # The same in a study that asks for fewer, or in another order.
    assert parameter_codes(names[:1:-1]) == {name: codes[name] for name in names[2:]}
    assert codes[scale] == parameter_code(scale)


def test_a_code_of_choices_is_not_given_twice():
    name = "deterioration:qlq-c30:QL@best"
    assert parameter_code(name, taken=[parameter_code(name)]) != parameter_code(name)


def test_respondents_and_scales_have_deteriorations_of_their_own():
    codes = deterioration_codes()
    assert len(set(codes.values())) == len(codes)
    assert not set(codes.values()) & {*endpoint_codes().values(), *scale_codes().values()}
    own, parent = (f"deterioration:pedsql-4.0:total{who}" for who in ("", ":parent"))
    assert parameter_code(own) != parameter_code(parent)


def test_a_deterioration_with_choices_is_exported_and_its_parameter_names_them(tmp_path: Path):
    plain = "deterioration:qlq-c30:QL"
    chosen = f"{plain}@death_censored+threshold_5"
    study = Study(id="one", title="One study", endpoints=(plain, chosen))
    export_cdisc(people().connect(), tmp_path / "adam", release_id="r1", studies=[study])
    adtte = read(tmp_path / "adam" / "one", "adtte")
    named = adtte.groupby("PARAMCD")["PARAM"].unique().map(list).to_dict()
    assert set(named) == set(parameter_codes((plain, chosen)).values())
    (param,) = named[parameter_code(chosen)]
    assert "death censored, threshold 5" in param


def test_names_and_labels_fit_a_transport_file():
    for dataset, columns in variables().items():
        assert len({column.name for column in columns}) == len(columns), dataset
        for column in columns:
            assert re.fullmatch("[A-Z][A-Z0-9]{0,7}", column.name), column.name
            assert 0 < len(column.label) <= 40, column.name


@pytest.mark.parametrize("dataset", ["adsl", "adtte", "adqs"])
def test_both_formats_hold_the_same_values_and_labels(exported: Path, dataset: str):
    schema = pq.read_schema(exported / f"{dataset}.parquet")
    labels = {field.name: field.metadata[b"label"].decode() for field in schema}
    assert labels == {one.name: one.label for one in variables()[dataset.upper()]}
    transport, about = pyreadstat.read_xport(str(exported / f"{dataset}.xpt"))
    assert about.column_names_to_labels == labels
    assert about.file_label.startswith(schema.metadata[b"label"].decode()[:20])
    table = read(exported, dataset)
    assert len(transport) == len(table)
    for one in variables()[dataset.upper()]:
        if one.type == "number" and len(table):
            assert transport[one.name].tolist() == table[one.name].tolist(), one.name
        if one.type == "date" and len(table):
            told = pd.to_datetime(transport[one.name])
            pd.testing.assert_series_equal(
                told, pd.to_datetime(table[one.name]), check_names=False, check_dtype=False
            )


@pytest.mark.parametrize("dataset", ["adsl", "adtte"])
def test_another_reader_of_transport_files_reads_the_same(exported: Path, dataset: str):
    """The reader of pandas, which shares no code with ReadStat."""
    table, transport = read(exported, dataset), exported / f"{dataset}.xpt"
    found = pd.read_sas(transport, format="xport", encoding="ascii")
    assert list(found.columns) == [one.name for one in variables()[dataset.upper()]]
    for one in variables()[dataset.upper()]:
        if one.type == "number":
            # It reads a zero as 5e-79.
            told = found[one.name].tolist()
            assert told == pytest.approx(table[one.name].tolist(), abs=1e-12), one.name
        elif one.type != "date":
            told = found[one.name].fillna("").astype(str)
            assert told.tolist() == table[one.name].fillna("").astype(str).tolist(), one.name


def test_a_folder_that_holds_something_is_refused(exported: Path):
    with pytest.raises(ExportError, match="is there already"):
        export_cdisc(people().connect(), exported, release_id="r1", studies=[STUDY])
