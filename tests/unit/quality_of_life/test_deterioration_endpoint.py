"""`deterioration:<instrument>:<scale>` as an endpoint of a study, from its file to the results."""

from __future__ import annotations

import pandas as pd
import pytest

from analyses.errors import AnalysisError
from analyses.evaluation import evaluate
from analyses.quality_of_life import deterioration_of
from analyses.report.deterioration import definition
from analyses.studies import Study, find_endpoint, json_schema
from tests.lib.marts import Marts, day
from tests.lib.quality_of_life_frames import cohort, forms, scores

GLOBAL_HEALTH = "deterioration:qlq-c30:QL"


def study(endpoint: str, death: str = "composite") -> Study:
    return Study(
        id="s",
        title="A study",
        endpoints=[endpoint],
        estimand={"intercurrent_events": {"death": death}},
    )


def test_instruments_go_by_their_id_whatever_they_are_called() -> None:
    assert study("deterioration:EORTC QLQ-C30:QL").endpoints == (GLOBAL_HEALTH,)
    parent = study("deterioration:pedsql-4.0:total:parent").endpoints[0]
    assert parent == "deterioration:pedsql-4.0:total:parent"
    assert find_endpoint(parent).id == parent
    pattern = json_schema()["properties"]["endpoints"]["items"]["anyOf"][1]["pattern"]
    assert pd.Series([GLOBAL_HEALTH, parent]).str.match(pattern).all()


@pytest.mark.parametrize(
    ("endpoint", "message"),
    [
        ("deterioration:qlq-c3:QL", "did you mean qlq-c30"),
        ("deterioration:qlq-c30:sumary", "unknown scale `sumary` of .*; did you mean `summary`"),
        ("deterioration:qlq-c30", "is not written as `deterioration:<instrument>:<scale>`"),
        ("deterioration:qlq-c30:QL:parent", "qlq-c30 is not answered by `parent`"),
        ("deterioration:rand-36:PF", "no minimal important difference of rand-36 PF is known"),
    ],
)
def test_what_cannot_be_evaluated_is_refused_in_the_study_file(endpoint, message) -> None:
    with pytest.raises(ValueError, match=message):
        study(endpoint)


PEOPLE = cohort("""
patient | death
a       |
b       |
c       | 200
d       |
""")
FORMS = forms("""
patient | day | instrument
a       | -3  | qlq-c30
b       | 0   | qlq-c30
c       | 0   | qlq-c30
a       | 33  | qlq-c30
b       | 35  | qlq-c30
c       | 90  | qlq-c30
d       | 30  | qlq-c30
""")
# a falls by 10 at day 33; b by 5; c not, and dies; d has no baseline.
VALUES = scores(FORMS, QL=[60, 60, 60, 50, 55, 70, 40], FA=[10, 10, 10, 10, 25, 10, 0])


def test_rows_of_a_cohort_by_the_threshold_of_the_instrument() -> None:
    found = deterioration_of(GLOBAL_HEALTH, PEOPLE, FORMS, VALUES, death="competing")
    assert found[["patient_id", "time", "cause"]].to_numpy().tolist() == [
        ["a", 33, 1], ["b", 136, 0], ["c", 200, 2], ["d", 0, 0],
    ]  # fmt: skip
    assert found["stratum"].unique().tolist() == ["overall"]
    # Of fatigue, more is worse.
    found = deterioration_of("deterioration:qlq-c30:FA", PEOPLE, FORMS, VALUES, death="censor")
    assert found["reason"].tolist() == ["last_score", "deterioration", "last_score", "no_baseline"]


def test_a_threshold_of_the_study_goes_before_that_of_the_instrument() -> None:
    found = deterioration_of(f"{GLOBAL_HEALTH}@threshold_5", PEOPLE, FORMS, VALUES)
    # 5 points are a deterioration of b too.
    assert found.loc[:1, ["time", "reason"]].to_numpy().tolist() == [
        [33, "deterioration"], [35, "deterioration"],
    ]  # fmt: skip
    found = deterioration_of(f"{GLOBAL_HEALTH}@threshold_10.5", PEOPLE, FORMS, VALUES)
    assert (found["reason"] != "deterioration").all()
    # One spelling, after the other choices; and a scale nobody knows a threshold of.
    asked = study(f"{GLOBAL_HEALTH}@threshold_5.0+best").endpoints[0]
    assert asked == f"{GLOBAL_HEALTH}@best+threshold_5"
    assert study("deterioration:rand-36:PF@threshold_12.5").endpoints
    assert "[threshold 5]" in find_endpoint(f"{GLOBAL_HEALTH}@threshold_5").title
    for wrong in ("threshold_0", "threshold_101", "threshold_x", "threshold_5+threshold_6"):
        with pytest.raises(ValueError, match=r"threshold"):
            study(f"{GLOBAL_HEALTH}@{wrong}")


def test_a_scale_without_a_threshold_or_unknown_is_an_error() -> None:
    for endpoint in ("deterioration:rand-36:PF", "deterioration:qlq-c30:XX", "deterioration:QL"):
        with pytest.raises(AnalysisError):
            deterioration_of(endpoint, PEOPLE, FORMS, VALUES)


def marts() -> Marts:
    """The same people in a database; c dies at day 200."""
    built = Marts().source()
    for name in "abcd":
        end = (200, "death") if name == "c" else (800, None)
        built.person(name, outcomes={"overall_survival": end})
    for row in FORMS.assign(value=VALUES["value"][: len(FORMS)]).itertuples():
        form = {
            "source": "registry",
            "patient_id": row.patient_id,
            "questionnaire_id": row.questionnaire_id,
            "instrument": "qlq-c30",
            "respondent": "self",
            "completed_date": day((row.completed_date - pd.Timestamp("2020-01-01")).days),
        }
        built.rows["questionnaire_form"].append({**form, "n_items_answered": 30})
        built.rows["questionnaire_score"].append({**form, "scale": "QL", "value": row.value})
    return built


@pytest.mark.parametrize(
    ("death", "table", "events"),
    [("composite", "survival_summary", 2), ("hypothetical", "survival_summary", 1)],
)
def test_a_study_gives_its_curve_with_a_death_as_its_estimand_says(death, table, events) -> None:
    with marts().connect() as con:
        tables = evaluate(study(GLOBAL_HEALTH, death), con).tables
    rows = tables[table]
    assert set(rows["endpoint"]) == {GLOBAL_HEALTH}
    assert (set(rows["n"]), set(rows["n_event"])) == ({4}, {events})
    curve = tables["survival_curve"].set_index("time_days")["survival"]
    # Three at risk at day 33, after d was censored at day 0.
    assert curve[33] == pytest.approx(2 / 3)
    told = tables["diagnostic"].set_index("diagnostic")
    assert told.loc["people_without_baseline_score", ["value", "status"]].tolist() == [0.25, "warn"]


def test_while_alive_a_death_competes() -> None:
    with marts().connect() as con:
        tables = evaluate(study(GLOBAL_HEALTH, "while_alive"), con).tables
    assert tables["survival_curve"].empty
    last = tables["cumulative_incidence"].groupby("cause")["incidence"].max()
    assert last[GLOBAL_HEALTH] == pytest.approx(1 / 3)
    assert last["death"] == pytest.approx(2 / 3)


@pytest.mark.parametrize(("endpoint", "events"), [("", 3), ("@threshold_10", 2)])
def test_the_important_difference_of_a_study_is_its_threshold_unless_the_name_says_one(
    endpoint, events
) -> None:
    """By 5 points b deteriorates too, beside a and the death of c."""
    asked = study(f"{GLOBAL_HEALTH}{endpoint}").model_dump() | {
        "quality_of_life": {
            "instruments": ["qlq-c30"],
            "important_differences": {"qlq-c30": {"QL": {"improvement": 20, "deterioration": 5}}},
        }
    }
    of_study = Study(**asked)
    with marts().connect() as con:
        tables = evaluate(of_study, con).tables
    assert set(tables["survival_summary"]["n_event"]) == {events}
    # The report says the same threshold, from the study as the manifest has it.
    points = 10 if endpoint else 5
    told = definition(of_study.endpoints[0], of_study.model_dump(mode="json"))
    assert f"by {points} points or more" in told
