"""The pharmacy's circuit and the hospital stays: as they were, and their dirt found."""

from __future__ import annotations

import pandas as pd
import pytest

from tests.lib.harmonised import Harmonised

UNKNOWN = "unknown_patient"
SHARED = "national_patient_number"


def _spoilt(harmonised: Harmonised, source: str, *kinds: str) -> list[str]:
    """National numbers with dirt of these kinds in the last delivery."""
    rows = pd.read_parquet(harmonised.home / "truth" / "dirt_rows.parquet")
    last = rows["delivery"] == rows["delivery"].max()
    mine = rows[last & (rows["source"] == source) & rows["kind"].isin(kinds)]
    return list(mine["national_number"])


def test_every_circuit_is_as_it_was_told(harmonised: Harmonised):
    true = harmonised.truth("pharmacy")
    refused = _spoilt(harmonised, "pharmacy", "error_cell", "date_as_number")
    true = true[~true["national_number"].isin(refused)]
    true["order_id"] = harmonised.pseudonyms("pharmacy", "treatment", true["order_id"])
    true["patient_id"] = harmonised.pseudonyms(SHARED, "patient", true["national_number"])
    outcomes = {"CONFORME": "released", "HORS_SPEC": "out_of_specification", "ECHEC": "failed"}
    true["batch_outcome"] = true["outcome"].map(outcomes)
    columns = ["order_id", "patient_id", "order_date", "receipt_date", "release_date"]
    columns += ["dispensation_date", "batch_outcome", "chain_of_identity"]
    true = true.rename(columns={"chain": "chain_of_identity"})[columns]
    found = harmonised.con.execute(f"select {', '.join(columns)} from marts.product_circuit").df()
    found = found[found["order_id"].isin(true["order_id"])]
    pd.testing.assert_frame_equal(_comparable(found), _comparable(true))
    assert set(true["chain_of_identity"]) == {"intact", "broken", "incomplete", "pending"}
    assert set(true["batch_outcome"].dropna()) == set(outcomes.values())


def _comparable(frame: pd.DataFrame) -> pd.DataFrame:
    dates = {c: frame[c].astype("datetime64[s]") for c in frame if c.endswith("_date")}
    outcome = frame["batch_outcome"].astype(object).where(frame["batch_outcome"].notna(), "")
    return frame.assign(**dates, batch_outcome=outcome).sort_values("order_id", ignore_index=True)


def test_a_circuit_belongs_to_the_treatment_of_the_registry(harmonised: Harmonised):
    """Also where the order's date, or the day of dispensation, is not the registry's."""
    apart = harmonised.number(
        "select count(*) from marts.product_circuit as c left join marts.treatment as t"
        " on t.source = c.treatment_source and t.treatment_id = c.treatment_id"
        " where t.patient_id is distinct from c.patient_id or t.source <> 'cart_registry'"
        " or abs(t.order_date - c.order_date) > 1"
    )
    assert apart == 0
    parts = harmonised.number(
        "select count(*) from marts.product_circuit where vein_to_vein_days <>"
        " apheresis_to_receipt_days + receipt_to_release_days + release_to_dispensation_days"
    )
    assert parts == 0
    assert harmonised.number("select avg(vein_to_vein_days) from marts.product_circuit") > 30


def test_the_dirt_of_the_pharmacy_is_found_to_the_last_row(harmonised: Harmonised):
    refused = harmonised.refused_by_column("pharmacy")
    checked = harmonised.checked
    chains = dict(
        harmonised.con.execute(
            "select chain_of_identity, count(*) from marts.product_circuit group by all"
        ).fetchall()
    )
    other = checked["pharmacy__dispensations", "dispensed_to_whom_it_was_ordered_for"]
    found = {
        f"duplicate_rows.{table}": harmonised.copies(f"pharmacy__{table}")
        for table in ("orders", "batches", "dispensations")
    }
    found |= {
        "identity_code_differs": chains["broken"] - other,
        "patient_differs": other,
        "identity_code_missing": checked["pharmacy__batches", "identity_code_given"],
        "release_before_receipt": checked["pharmacy__batches", "release_not_before_receipt"],
        "order_date_differs": harmonised.conflicts("order_date", "pharmacy"),
        "dispensation_date_differs": harmonised.conflicts("infusion_date", "pharmacy"),
        "error_cell": refused.pop("expiry_date"),
        "date_as_number": refused.pop("cancellation_date"),
        "unknown_code.product_code": harmonised.unmapped("pharmacy", "product_code"),
    }
    assert found == harmonised.dirt["pharmacy"]
    assert min(found.values()) >= 1
    assert refused == {}


@pytest.fixture(scope="module")
def stays(harmonised: Harmonised) -> pd.DataFrame:
    """The stays of the marts beside what they truly were, by patient and admission."""
    true = harmonised.truth("pmsi")
    true["patient_id"] = harmonised.pseudonyms(SHARED, "patient", true["national_number"])
    found = harmonised.con.execute("select * from marts.resource_use where source = 'pmsi'").df()
    dates = {"admission_date": true["admission_date"].astype(found["admission_date"].dtype)}
    return found.merge(
        true.assign(**dates),
        on=["patient_id", "admission_date"],
        how="outer",
        suffixes=("", "_true"),
        indicator=True,
    )


def test_every_stay_is_as_it_was(harmonised: Harmonised, stays: pd.DataFrame):
    refused = harmonised.refused("pmsi")["type"]
    assert (stays["_merge"] == "right_only").sum() == refused
    both = stays[stays["_merge"] == "both"]
    assert len(both) == len(stays) - refused
    assert both["icu_days"].tolist() == both["icu_days_true"].tolist()
    assert both["icu_days"].sum() > 100
    known = both["cost_eur"].notna()
    assert both.loc[known, "cost_eur"].tolist() == both.loc[known, "cost_eur_true"].tolist()
    grouped = both["ghm"] != "90Z00Z"
    assert both.loc[grouped, "ghm"].tolist() == both.loc[grouped, "ghm_true"].tolist()


def test_a_stay_for_the_infusion_belongs_to_its_treatment(
    harmonised: Harmonised, stays: pd.DataFrame
):
    infused = stays[stays["ghm_true"].isin(["27Z03Z", "17M151", "17M152", "17M153", "17M154"])]
    infused = infused[(infused["_merge"] == "both") & (infused["length_of_stay_days"] >= 0)]
    infused = infused[~infused["national_number"].isin(_spoilt(harmonised, "pmsi", UNKNOWN))]
    assert len(infused) > 200
    assert infused["treatment_id"].notna().all()
    assert infused["days_from_infusion"].between(-6, -5).all()


def test_the_dirt_of_the_stays_is_found_to_the_last_row(harmonised: Harmonised):
    refused = harmonised.refused_by_column("pmsi")
    checked = harmonised.checked
    unknown = [n for name, n in harmonised.warned.items() if "known_patient_resource_use" in name]
    found = {
        "duplicate_rows.stays": harmonised.copies("pmsi__stays"),
        "duplicate_rows.units": harmonised.copies("pmsi__units"),
        "unreadable_date": refused.pop("discharge_date"),
        "discharge_before_admission": checked["pmsi__stays", "discharge_not_before_admission"],
        "stay_after_death": harmonised.warned["assert_no_stay_begins_after_death"],
        "ungroupable": checked["pmsi__stays", "ghm_grouped"],
        "missing_value.cost": checked["pmsi__stays", "cost_eur_given"],
        "unknown_patient": sum(unknown),
        "death_date_differs": harmonised.conflicts("death_date", "pmsi"),
    }
    assert found == harmonised.dirt["pmsi"]
    assert min(found.values()) >= 1
    assert refused == {}


def test_a_person_of_the_registry_is_the_same_person_in_the_hospital(harmonised: Harmonised):
    """Through the shared number: the registry's treatment, its circuit and its stays meet."""
    met = harmonised.number(
        "select count(distinct c.patient_id) from marts.product_circuit as c"
        " semi join marts.resource_use as s on s.patient_id = c.patient_id and s.source = 'pmsi'"
        " semi join marts.patient as p on p.patient_id = c.patient_id"
        " and p.source = 'cart_registry'"
    )
    orders = harmonised.number("select count(distinct patient_id) from marts.product_circuit")
    assert met == orders > 100
