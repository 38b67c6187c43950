"""Simulated deliveries, dirt included, through ingestion and dbt.

The harmonised clocks of the CAR-T registry equal, for every treatment, what a perfect reader of the
same delivery finds, and the dirt is counted where it was resolved.
"""

from __future__ import annotations

import pandas as pd
import pytest

from tests.lib.harmonised import Harmonised


@pytest.fixture(scope="module")
def true_treatments(harmonised: Harmonised) -> pd.DataFrame:
    truth = harmonised.truth("cart_registry")
    truth["treatment"] = [
        harmonised.key.pseudonym("cart_registry", "treatment", number)
        for number in truth["treatment_id"]
    ]
    return truth.set_index("treatment")


@pytest.mark.parametrize("analysis_set", ["infused", "intention_to_treat"])
@pytest.mark.parametrize("endpoint", ["overall_survival", "progression_free_survival"])
def test_every_clock_equals_the_truth(
    harmonised: Harmonised, true_treatments: pd.DataFrame, analysis_set: str, endpoint: str
):
    name = f"{analysis_set}.{endpoint}"
    true = true_treatments.dropna(subset=[f"{name}.event"])
    found = (
        harmonised.con.execute(
            """
            select treatment_id, time_days, event, cause from marts.time_to_event
            where source = 'cart_registry' and endpoint = ? and analysis_set = ?
            """,
            [endpoint, analysis_set],
        )
        .df()
        .set_index("treatment_id")
    )
    assert sorted(found.index) == sorted(true.index)
    true = true.loc[found.index]
    assert found["time_days"].tolist() == true[f"{name}.days"].astype(int).tolist()
    assert found["event"].tolist() == true[f"{name}.event"].astype(int).tolist()
    if f"{name}.cause" in true:
        assert found["cause"].fillna("").tolist() == true[f"{name}.cause"].tolist()


def test_worst_grades_equal_the_truth(harmonised: Harmonised, true_treatments: pd.DataFrame):
    found = harmonised.con.execute(
        """
        select treatment_id, event_type, max(grade) as grade from marts.toxicity
        where source = 'cart_registry' and event_type in ('crs', 'icans') group by all
        """
    ).df()
    wide = found.pivot(index="treatment_id", columns="event_type", values="grade")
    true = true_treatments[["crs_grade", "icans_grade"]]
    read = wide.reindex(true.index).fillna(0).astype(int)
    assert read["crs"].tolist() == true["crs_grade"].astype(int).tolist()
    assert read["icans"].tolist() == true["icans_grade"].astype(int).tolist()


def test_grades_follow_from_the_readings_but_where_the_truth_says(harmonised: Harmonised):
    agreement = dict(
        harmonised.con.execute(
            "select toxicity || ' ' || agreement, count(*) from marts.toxicity_discordance"
            " where source = 'cart_registry' group by all"
        ).fetchall()
    )
    planted = harmonised.dirt["cart_registry"]["grade_differs_from_components"]
    assert agreement.pop("crs derived_higher") == planted > 0
    assert set(agreement) == {"crs agree", "icans agree"}
    assert min(agreement.values()) > 20


def test_a_derived_transfusion_free_year_ends_when_the_registry_says_so(harmonised: Harmonised):
    """The simulated registry dates independence a year after the last transfusion it tells."""
    rows = harmonised.con.execute(
        """
        with told as (
            select patient_id, min(event_date) as day from intermediate.int_event
            where event_type = 'transfusion_independence' group by all
        )
        select coalesce(derived_date = told.day, false), count(*)
        from intermediate.int_transfusion_free_year as derived
        full join told using (patient_id)
        group by all
        """
    ).fetchall()
    agreement = dict(rows)
    assert agreement[True] > 15
    assert agreement.get(False, 0) <= 0.2 * agreement[True]


def test_planted_dirt_is_counted_where_it_was_resolved(harmonised: Harmonised):
    cart, rare = harmonised.dirt["cart_registry"], harmonised.dirt["gene_therapy_registry"]
    assert (
        harmonised.number(
            "select count(*) from marts.source_conflict where field = 'death_date'"
            " and other_source = 'cart_registry'"
        )
        == cart["death_told_twice"]
    )
    assert (
        harmonised.number(
            "select count(*) from marts.source_conflict where field = 'death_date'"
            " and other_source = 'gene_therapy_registry'"
        )
        == rare["death_differs_between_registries"]
    )
    for code_list in ("product_code", "response", "death_cause"):
        found = harmonised.number(
            "select n_rows from marts.unmapped_code where source = 'cart_registry'"
            f" and code_list = '{code_list}'"
        )
        # An exact copy of a dirty row is never planted, so rows are patients.
        assert found == cart[f"unknown_code.{code_list}"], code_list


def test_a_person_of_both_registries_is_one_person(harmonised: Harmonised):
    found = harmonised.number(
        "select count(*) from (select patient_id from marts.patient"
        " where source in ('cart_registry', 'gene_therapy_registry') group by all"
        " having count(distinct source) = 2)"
    )
    assert found == harmonised.dirt["gene_therapy_registry"]["also_in_cart_registry"]
