"""ADQS of a study on hand-made forms: visits, days, baseline and change, in both formats."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq
import pyreadstat
import pytest

from analyses.interoperability import export_cdisc
from analyses.interoperability.cdisc.files import variables
from analyses.studies import Study
from tests.lib.marts import Marts, day

# Windows by this calendar: baseline -90 to 0, M3 1 to 136, M6 137 to 227.
STUDY = Study(
    id="one",
    title="One study",
    quality_of_life={"instruments": ["eq-5d-5l"], "visits": {"baseline": 0, "M3": 91, "M6": 182}},
)
UTILITY, VAS = "EQ-5D-5L: Utility, French value set", "EQ-5D-5L: EQ visual analogue scale"


def told() -> Marts:
    """Ann answers before and after, Bob never at baseline, Cat on the index day and by a parent."""
    marts = Marts().source()
    for patient in ("ann", "bob", "cat"):
        marts.person(patient)
    form(marts, "ann", -50, 0.5, 40)
    form(marts, "ann", -1, 0.6, 50)
    form(marts, "ann", 85, 0.8, 70)
    form(marts, "ann", 136, 0.9, 80)
    form(marts, "ann", 137, 0.7, None)
    form(marts, "ann", 400, 1.0, 100)
    form(marts, "bob", 1, 0.4, 30)
    form(marts, "cat", 0, 0.3, 20)
    form(marts, "cat", 0, 0.2, 10, respondent="parent")
    form(marts, "cat", 182, 0.1, 60)
    return marts


def form(
    marts: Marts,
    patient: str,
    days: int,
    utility: float,
    vas: float | None,
    respondent: str = "self",
) -> None:
    """A completed EQ-5D-5L `days` after the infusion, and its two scores; without VAS one."""
    key = {
        "source": "registry",
        "patient_id": patient,
        "questionnaire_id": f"{patient} {days} {respondent}",
        "instrument": "eq-5d-5l",
        "respondent": respondent,
        "completed_date": day(days),
    }
    marts.rows["questionnaire_form"].append({**key, "n_items_answered": 6, "n_items_unusable": 0})
    for scale, value in (("utility", utility), ("vas", vas)):
        if value is not None:
            marts.rows["questionnaire_score"].append({**key, "scale": scale, "value": value})


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    to = tmp_path_factory.mktemp("cdisc") / "adam"
    export_cdisc(told().connect(), to, release_id="r1", studies=[STUDY])
    return to / "one"


@pytest.fixture(params=["parquet", "xpt"])
def adqs(request: pytest.FixtureRequest, exported: Path) -> pd.DataFrame:
    """The dataset as each of its two files tells it; an absent word is None in both."""
    if request.param == "parquet":
        return pq.read_table(exported / "adqs.parquet").to_pandas()
    found, _ = pyreadstat.read_xport(str(exported / "adqs.xpt"))
    return found.replace({"": None})


def row(adqs: pd.DataFrame, patient: str, param: str, visit: str, who: str = "SELF") -> pd.Series:
    found = adqs[
        (adqs["USUBJID"] == f"ONE-{patient}")
        & (adqs["PARAM"] == param)
        & (adqs["AVISIT"] == visit)
        & (adqs["QSRESP"] == who)
    ]
    assert len(found) == 1, (patient, param, visit, who)
    return found.iloc[0]


def test_a_form_belongs_to_the_visit_of_its_window_and_the_nearest_one_counts(adqs: pd.DataFrame):
    ann = adqs[(adqs["USUBJID"] == "ONE-ann") & (adqs["PARAM"] == UTILITY)]
    # Day -50 and day 136 are in a window with a nearer form, day 400 in none.
    assert ann[["AVISIT", "AVISITN", "AVAL"]].values.tolist() == [
        ["baseline", 0.0, 0.6],
        ["M3", 1.0, 0.8],
        ["M6", 2.0, 0.7],
    ]
    assert pd.to_datetime(ann["ADT"]).dt.date.tolist() == [day(-1), day(85), day(137)]


def test_the_index_day_is_day_one_and_there_is_no_day_zero(adqs: pd.DataFrame):
    assert row(adqs, "ann", UTILITY, "baseline")["ADY"] == -1
    assert row(adqs, "cat", UTILITY, "baseline")["ADY"] == 1
    assert row(adqs, "bob", UTILITY, "M3")["ADY"] == 2
    assert not (adqs["ADY"] == 0).any()


def test_the_baseline_is_flagged_and_the_change_is_counted_from_it(adqs: pd.DataFrame):
    first, later = row(adqs, "ann", VAS, "baseline"), row(adqs, "ann", VAS, "M3")
    assert (first["ABLFL"], first["BASE"], first["AVAL"]) == ("Y", 50.0, 50.0)
    assert pd.isna(first["CHG"])
    assert (later["BASE"], later["AVAL"], later["CHG"]) == (50.0, 70.0, 20.0)
    assert pd.isna(later["ABLFL"])
    assert row(adqs, "cat", UTILITY, "M6")["CHG"] == pytest.approx(0.1 - 0.3)


def test_who_was_not_asked_before_the_treatment_has_no_baseline_and_no_change(adqs: pd.DataFrame):
    bob = row(adqs, "bob", UTILITY, "M3")
    assert bob["AVAL"] == 0.4
    assert bob[["BASE", "CHG", "ABLFL"]].isna().all()


def test_a_form_without_a_score_has_no_row_of_it(adqs: pd.DataFrame):
    ann = adqs[(adqs["USUBJID"] == "ONE-ann") & (adqs["PARAM"] == VAS)]
    assert ann["AVISIT"].tolist() == ["baseline", "M3"]


def test_another_respondent_is_a_series_of_their_own(adqs: pd.DataFrame):
    parent = row(adqs, "cat", UTILITY, "baseline", "PARENT")
    assert (parent["AVAL"], parent["BASE"]) == (0.2, 0.2)
    assert row(adqs, "cat", UTILITY, "baseline")["BASE"] == 0.3
    # The own form at M6 is no visit of the parent.
    assert len(adqs[adqs["QSRESP"] == "PARENT"]) == 2


def test_every_row_is_of_one_treatment_and_stands_for_its_visit_alone(adqs: pd.DataFrame):
    assert set(adqs["TRTP"]) == set(adqs["TRTA"]) == {"product_a"}
    assert set(adqs["ANL01FL"]) == {"Y"}
    key = ["USUBJID", "PARAMCD", "QSRESP", "AVISITN"]
    assert not adqs.duplicated(key).any()
    assert adqs[key].equals(adqs[key].sort_values(key, ignore_index=True))
    assert list(adqs.columns) == [one.name for one in variables()["ADQS"]]


def test_both_files_tell_the_same_rows(exported: Path):
    table = pq.read_table(exported / "adqs.parquet").to_pandas()
    transport, _ = pyreadstat.read_xport(str(exported / "adqs.xpt"))
    assert len(table) == 13
    for one in variables()["ADQS"]:
        told, read = transport[one.name], table[one.name]
        if one.type == "date":
            assert pd.to_datetime(told).tolist() == pd.to_datetime(read).tolist()
        elif one.type == "number":
            assert told.tolist() == pytest.approx(read.tolist(), nan_ok=True), one.name
        else:
            assert told.tolist() == read.fillna("").tolist(), one.name
