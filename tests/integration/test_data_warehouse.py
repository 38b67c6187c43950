"""The hospital's OMOP extract: treatments, events, covariates, link to the registry, dirt."""

from __future__ import annotations

import pandas as pd
import pytest

from simulation.omop.files import UNLINKABLE
from tests.lib.harmonised import Harmonised

DAY = "datetime64[s]"


@pytest.fixture(scope="module")
def true_persons(harmonised: Harmonised) -> pd.DataFrame:
    """Persons of the last delivery by the pseudonym of the warehouse."""
    truth = harmonised.truth("omop")
    truth["person"] = [
        harmonised.key.pseudonym("omop", "patient", str(number)) for number in truth["person_id"]
    ]
    rows = pd.read_parquet(harmonised.home / "truth" / "dirt_rows.parquet")
    rows = rows[(rows["source"] == "omop") & (rows["delivery"] == rows["delivery"].max())]
    for kind in UNLINKABLE:
        booked = rows.loc[rows["kind"] == kind, "national_number"]
        # Strangers have their own national numbers, which truth does not tell.
        truth[kind] = truth["national_number"].isin(booked) & (truth["national_number"] != "")
    return truth.set_index("person")


def test_every_infusion_is_one_treatment_with_its_disease_line_and_centre(
    harmonised: Harmonised, true_persons: pd.DataFrame
):
    found = harmonised.con.execute(
        "select patient_id, product, indication, line, centre_id, infusion_date"
        " from intermediate.int_treatment as t where source = 'omop'"
    ).df()
    assert len(found) == len(true_persons)
    delivered = harmonised.con.execute(
        "select patient_id, infusion_date, line, indication_code, centre_id, product_code"
        " from intermediate.int_omop__treatments"
    ).df()
    merged = delivered.merge(true_persons, left_on="patient_id", right_index=True)
    assert len(merged) == len(true_persons)
    assert (merged["line_x"] == merged["line_y"]).all()
    mantle = merged["product"] == "brexucabtagene_autoleucel"
    assert (mantle == (merged["indication_code"] == "mantle_cell_lymphoma")).all()
    assert (merged["indication_code"].isin(["mantle_cell_lymphoma", "dlbcl"])).all()
    assert set(merged["centre_id"]) == {"C01", "C02", "C03"}
    late = (merged["infusion_date_x"] - merged["infusion_date_y"]).dt.days
    registered = merged["national_number"] != ""
    assert (late[registered] == merged.loc[registered, "exposure_day_after"].astype(int)).all()
    known = found["product"].value_counts()
    unknown = harmonised.dirt["omop"]["unknown_code.product_code"]
    assert known["L01XL99"] == unknown
    assert set(known.index) - {"L01XL99"} <= set(true_persons["product"])


def test_events_and_last_contacts_are_what_the_hospital_knows(
    harmonised: Harmonised, true_persons: pd.DataFrame
):
    told = harmonised.con.execute(
        "select patient_id, event_type, min(event_date) as event_date"
        " from intermediate.int_omop__events group by all"
    ).df()
    wide = told.pivot(index="patient_id", columns="event_type", values="event_date")
    wide = wide.reindex(true_persons.index)
    for kind, name in (("progression", "progression"), ("next_treatment", "next_treatment")):
        expected = true_persons[f"{name}_date"].astype(DAY)
        assert wide[kind].astype(DAY).equals(expected.rename(kind)), kind
        assert expected.notna().sum() > 20
    deaths = harmonised.con.execute(
        "select patient_id, death_date from staging.stg_omop__status_reports"
        " where death_date is not null"
    ).df()
    found = deaths.set_index("patient_id")["death_date"].reindex(true_persons.index)
    assert found.astype(DAY).equals(true_persons["death_date"].astype(DAY))


def test_covariates_are_the_registrys(harmonised: Harmonised, true_persons: pd.DataFrame):
    """The linked persons' ECOG and LDH ratio, measured in the one hospital, told by both."""
    found = harmonised.con.execute(
        """
        select a.name, count(*) as n, max(abs(a.value_number - b.value_number)) as error
        from marts.covariate as a inner join marts.covariate as b
            on a.patient_id = b.patient_id and a.name = b.name
        where a.source = 'omop' and b.source = 'cart_registry' group by all order by 1
        """
    ).fetchall()
    assert [name for name, _, _ in found] == ["ecog", "ldh_ratio"]
    for name, compared, error in found:
        assert compared > 0.8 * true_persons["linkable"].sum(), name
        assert error < 1e-6, name


def test_the_rule_links_the_true_pairs_and_no_other(
    harmonised: Harmonised, true_persons: pd.DataFrame
):
    registry = {
        number: harmonised.key.pseudonym("national_patient_number", "patient", number)
        for number in true_persons["national_number"]
        if number
    }
    links = harmonised.con.execute(
        "select distinct delivered_patient_id, patient_id, verdict from marts.person_link"
        " where source = 'omop'"
    ).df()
    linked = links[links["verdict"] == "linked"].set_index("delivered_patient_id")["patient_id"]
    true = true_persons["national_number"].map(registry)
    assert (linked == true.reindex(linked.index)).all()
    assert true_persons.loc[linked.index, "linkable"].all()
    # Left apart though linkable: the registry does not know the product, or the key is shared.
    unknown = harmonised.con.execute(
        "select patient_id from marts.treatment where source = 'cart_registry'"
        " and product not in (select id from seeds.product)"
    ).df()["patient_id"]
    listed = set(links["delivered_patient_id"]) - set(linked.index)
    missed = true_persons[true_persons["linkable"] & ~true_persons.index.isin(linked.index)]
    explained = true.loc[missed.index].isin(unknown) | missed.index.isin(listed)
    assert explained.all()
    assert len(linked) > 150
    assert len(linked) >= 0.95 * true_persons["linkable"].sum()


def test_its_dirt_is_found_to_the_last_row(harmonised: Harmonised, true_persons: pd.DataFrame):
    refused = harmonised.refused("omop")
    checked = harmonised.checked
    unknown = harmonised.unmapped("omop", "product_code")
    found = {
        "duplicate_rows.measurement": harmonised.copies("omop__measurement"),
        "exposure_in_two_bags": checked["omop__drug_exposure", "cells_given_once_a_day"],
        "default_birth_date": checked["omop__person", "birth_is_no_default"],
        "unknown_sex": checked["omop__person", "gender_concept_id_known"],
        "unknown_code.product_code": unknown,
        # Nor has the product that nobody knows a concept.
        "concept_zero": checked["omop__drug_exposure", "cells_have_concept"] - unknown,
        "unreadable_date": refused.pop("type"),
        "missing_unit": checked["omop__measurement", "unit_source_value_given"],
        "measurement_after_death": checked["omop__measurement", "measured_not_after_death"],
        "open_period": checked["omop__observation_period", "period_is_closed"],
    }
    # What no table of the warehouse shows by itself is seen beside the registry's, of the persons
    # that truth says are one.
    mine = true_persons[true_persons["national_number"] != ""]
    same = pd.DataFrame(
        {
            "person_id": mine.index,
            "patient_id": harmonised.pseudonyms(
                "national_patient_number", "patient", mine["national_number"]
            ),
        }
    )
    registry_dead = harmonised.con.execute(
        "select distinct patient_id from staging.stg_cart_registry__status_reports"
        " where death_date is not null"
    ).df()["patient_id"]
    hospital_dead = harmonised.con.execute("select person_id from raw.omop__death").df()
    unheard = same["patient_id"].isin(registry_dead) & ~same["person_id"].isin(
        hospital_dead["person_id"]
    )
    infused = harmonised.con.execute(
        "select patient_id, infusion_date from intermediate.int_omop__treatments"
    ).df()
    true_day = true_persons.loc[infused["patient_id"], "infusion_date"].to_numpy()
    late = (infused["infusion_date"].to_numpy() - true_day).astype("timedelta64[D]").astype(int)
    assert set(late) == {0, 1}
    found |= {
        "death_not_known": int(unheard.sum()),
        "exposure_day_after": int(late.sum()),
        "not_in_cart_registry": int((true_persons["national_number"] == "").sum()),
    }
    assert found == harmonised.dirt["omop"]
    assert min(found.values()) >= 1
    assert refused == {}


def test_the_registry_tells_the_linked_what_the_hospital_does_not_know(harmonised: Harmonised):
    """A death learnt only by the registry ends the follow-up of the hospital's row, too."""
    found = harmonised.number(
        """
        select count(*) from marts.time_to_event as o
        inner join marts.time_to_event as c using (patient_id, endpoint, analysis_set)
        where o.source = 'omop' and c.source = 'cart_registry' and endpoint = 'overall_survival'
            and o.start_date = c.start_date and (o.event, o.time_days) <> (c.event, c.time_days)
        """
    )
    assert found == 0


def test_neither_numbers_nor_birth_days_reach_raw(harmonised: Harmonised):
    columns = harmonised.con.execute(
        "select column_name from duckdb_columns() where schema_name = 'raw'"
        " and table_name = 'omop__person'"
    ).df()["column_name"]
    assert not set(columns) & {
        "day_of_birth", "birth_datetime", "person_source_value", "race_concept_id"
    }  # fmt: skip
    scanned = 0
    for folder in ("raw", "quarantine"):
        for path in (harmonised.home / folder / "omop").rglob("*.parquet"):
            text = pd.read_parquet(path).astype(str).to_numpy().ravel()
            assert not any("IPP80" in value for value in text), path.name
            scanned += 1
    assert scanned > 10
