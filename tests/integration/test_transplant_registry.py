"""The transplant registry: forms of many periods become episodes, and its people are linked."""

from __future__ import annotations

import pandas as pd
import pytest

from tests.lib.harmonised import Harmonised

SOURCE = "transplant_registry"
FORMS = f"raw.{SOURCE}__follow_up"


@pytest.fixture(scope="module")
def links(harmonised: Harmonised) -> pd.DataFrame:
    truth = harmonised.truth(SOURCE)
    own = harmonised.pseudonyms(SOURCE, "patient", truth["registry_id"])
    national = harmonised.pseudonyms("national_patient_number", "patient", truth["national_number"])
    return truth.assign(patient=own, national=national)


def test_both_revisions_of_the_form_are_read(harmonised: Harmonised):
    """Question 3 is the day of death in one sheet and the performance status in the other."""
    found = harmonised.con.execute(
        f"select right(_file, 2), count(*) > 100, count(death_date) > 10,"
        f" count(performance_status) > 100, max(performance_status) from {FORMS}"
        " group by 1 order by 1"
    ).fetchall()
    assert found[0] == ("V1", True, True, False, None)
    assert found[1][:4] == ("V2", True, True, True)
    assert found[1][4] <= 4


def test_every_episode_is_told_once_and_as_it_was(harmonised: Harmonised):
    true = harmonised.truth(f"{SOURCE}_episodes")
    true["treatment_id"] = harmonised.pseudonyms(SOURCE, "treatment", true["registry_id"] + "-1")
    found = harmonised.con.execute(
        """
        select e.treatment_id, e.event_type as kind, e.event_date as onset_date,
            d.resolution_date, e.grade, d.n_reports
        from marts.clinical_event as e
        inner join intermediate.int_delivered_episodes as d using (source, event_id)
        where source = ?
        """,
        [SOURCE],
    ).df()
    columns = ["treatment_id", "kind", "onset_date", "resolution_date", "grade", "n_reports"]
    true["grade"] = true["grade"].where(true["grade"] > 0)
    pd.testing.assert_frame_equal(_sorted(found[columns]), _sorted(true[columns]))
    assert (true["n_reports"] == 3).sum() > 100
    several = true.groupby(["treatment_id", "kind"]).size()
    assert (several > 1).sum() > 100, "episodes of one kind stay apart"


def _sorted(frame: pd.DataFrame) -> pd.DataFrame:
    dates = {c: frame[c].astype("datetime64[s]") for c in frame if c.endswith("_date")}
    numbers = {c: frame[c].astype("float") for c in ("grade", "n_reports")}
    return frame.assign(**dates, **numbers).sort_values(
        ["treatment_id", "kind", "onset_date"], ignore_index=True
    )


def test_toxicity_says_when_an_episode_ended(harmonised: Harmonised):
    true = harmonised.truth(f"{SOURCE}_episodes")
    graded = true[~true["kind"].isin(["progression", "next_treatment"])]
    found = harmonised.con.execute(
        "select count(*), count(resolution_date), sum(n_reports) from marts.toxicity"
        f" where source = '{SOURCE}'"
    ).fetchone()
    assert found == (
        len(graded), graded["resolution_date"].notna().sum(), graded["n_reports"].sum(),
    )  # fmt: skip
    others = "select count(n_reports) from marts.toxicity where source = 'cart_registry'"
    assert harmonised.number(others) == 0


def test_persons_are_linked_to_the_cart_registry_as_they_are(
    harmonised: Harmonised, links: pd.DataFrame
):
    known = harmonised.con.execute(
        "select delivered_patient_id, patient_id, verdict from marts.person_link where source = ?",
        [SOURCE],
    ).df()
    verdict = known.set_index("delivered_patient_id")["verdict"].to_dict()
    expected = links[~links["link"].isin(["fields_differ", "none"])]
    assert verdict == dict(zip(expected["patient"], expected["link"], strict=True))
    kept = known.set_index("delivered_patient_id")["patient_id"]
    linked = links[links["link"] == "linked"]
    assert kept.loc[linked["patient"]].tolist() == linked["national"].tolist()
    apart = links[links["link"] != "linked"]["patient"]
    own = harmonised.con.execute(
        "select patient_id from marts.patient where source = ?", [SOURCE]
    ).df()["patient_id"]
    assert set(apart) <= set(own)
    assert set(linked["national"]) <= set(own)


def test_its_dirt_is_found_to_the_last_row(harmonised: Harmonised, links: pd.DataFrame):
    refused = harmonised.refused_by_column(SOURCE)
    treated = links[links["national_number"] != ""].set_index("patient")["national"]
    found = {
        "duplicate_rows.patients": harmonised.copies(f"{SOURCE}__patients"),
        # A quarantined form is never one of the copies.
        "duplicate_rows.follow_up": harmonised.copies(f"{SOURCE}__follow_up"),
        "date_as_number": refused.pop("assessment_date"),
        "error_cell": refused.pop("response"),
        "unknown_code.response": harmonised.unmapped(SOURCE, "response"),
        "not_flagged_again": harmonised.warned["assert_every_episode_told_again_is_flagged"],
        "onset_changed": harmonised.warned["assert_every_episode_keeps_its_onset"],
        # Persons told so are not linked: that they are one, only the truth knows.
        "sex_differs": _differs(harmonised, treated, "sex", "patient"),
        "infusion_date_differs": _differs(harmonised, treated, "infusion_date", "treatment"),
        "death_date_differs": harmonised.conflicts("death_date", SOURCE),
    }
    assert found == harmonised.dirt[SOURCE]
    assert min(found.values()) >= 1
    assert refused == {}


def _differs(harmonised: Harmonised, same: pd.Series, field: str, mart: str) -> int:
    """Patients that truth knows in both registries, of whom the marts tell two values."""
    values = harmonised.con.execute(
        f"select source, patient_id, min({field}) as told from marts.{mart}"
        f" where source in ('{SOURCE}', 'cart_registry') group by all"
    ).df()
    here = values[values["source"] == SOURCE].set_index("patient_id")["told"]
    there = values[values["source"] == "cart_registry"].set_index("patient_id")["told"]
    own = same[same.index.isin(here.index)]
    return int((here.loc[own.index].to_numpy() != there.loc[own].to_numpy()).sum())


def test_the_number_of_the_hospital_stops_at_the_door(harmonised: Harmonised):
    columns = harmonised.con.execute(f"describe raw.{SOURCE}__patients").df()["column_name"]
    assert "hospital_number" not in set(columns)
    for path in (harmonised.home / "raw" / SOURCE).rglob("*.parquet"):
        assert (
            not pd.read_parquet(path)
            .astype(str)
            .map(lambda cell: cell.startswith("U1"))
            .any(axis=None)
        )
