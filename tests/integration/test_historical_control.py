"""The historical control cohort: its truth, its dirt, and a study that compares with it."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

from analyses.evaluation import evaluate
from analyses.studies import Study
from simulation.historical.parameters import SALVAGE
from simulation.products import AXI
from tests.lib.harmonised import Harmonised

SOURCE = "historical_control"
ENDPOINTS = ("overall_survival", "progression_free_survival")


@pytest.fixture(scope="module")
def true_patients(harmonised: Harmonised) -> pd.DataFrame:
    truth = harmonised.truth(SOURCE)
    truth["patient"] = [
        harmonised.key.pseudonym(SOURCE, "patient", number) for number in truth["number"]
    ]
    return truth.set_index("patient")


@pytest.mark.parametrize("endpoint", ENDPOINTS)
def test_every_clock_equals_the_truth(
    harmonised: Harmonised, true_patients: pd.DataFrame, endpoint: str
):
    found = (
        harmonised.con.execute(
            "select patient_id, start_date, time_days, event from marts.time_to_event"
            f" where source = '{SOURCE}' and endpoint = ? and analysis_set = 'infused'",
            [endpoint],
        )
        .df()
        .set_index("patient_id")
    )
    assert sorted(found.index) == sorted(true_patients.index)
    true = true_patients.loc[found.index]
    assert found["start_date"].tolist() == true["start_date"].tolist()
    assert found["time_days"].tolist() == true[f"{endpoint}.days"].astype(int).tolist()
    assert found["event"].tolist() == true[f"{endpoint}.event"].astype(int).tolist()


def test_its_dirt_is_found_to_the_last_row(harmonised: Harmonised):
    table = f"{SOURCE}__cohort"
    refused = harmonised.refused(SOURCE)
    checked = harmonised.checked
    found = {
        "duplicate_rows.cohort": harmonised.copies(table),
        "key_missing": refused.pop("key_missing"),
        "unreadable_date": refused.pop("type"),
        "unknown_code.product_code": harmonised.unmapped(SOURCE, "product_code"),
        "unknown_code.death_cause": harmonised.unmapped(SOURCE, "death_cause"),
        "unknown_as_number.ecog": checked[table, "ecog_in_range"],
        "missing_value.ldh": checked[table, "ldh_given"],
        "death_without_date": checked[table, "dead_has_date"],
        "event_after_death": checked[table, "progression_not_after_death"],
    }
    assert found == harmonised.dirt[SOURCE]
    assert min(found.values()) >= 1
    assert refused == {}


@pytest.mark.parametrize(
    ("name", "kind"), [("ecog", "unknown_as_number.ecog"), ("ldh_ratio", "missing_value.ldh")]
)
def test_a_missing_value_is_no_covariate(harmonised: Harmonised, name: str, kind: str):
    without = harmonised.number(
        f"select count(*) from marts.patient as p where source = '{SOURCE}' and not exists ("
        "select 1 from marts.covariate as c where c.source = p.source"
        f" and c.patient_id = p.patient_id and c.name = '{name}')"
    )
    assert without == harmonised.dirt[SOURCE][kind]


def test_the_comparator_is_marked_as_no_advanced_therapy(harmonised: Harmonised):
    products = "select string_agg(id, ' ') from seeds.product where not is_atmp"
    assert harmonised.number(products) == SALVAGE
    given = "select distinct product from marts.treatment where source = 'historical_control'"
    found = harmonised.con.execute(f"{given} order by 1").df()["product"].tolist()
    assert found == ["PROT-X7", SALVAGE]


def test_a_study_of_both_sources_recovers_the_conditional_hazard_ratio(harmonised: Harmonised):
    study = Study.model_validate(
        {
            "id": "axi_cel_against_salvage",
            "title": "Axicabtagene ciloleucel against salvage chemotherapy",
            "population": {
                "sources": ["cart_registry", SOURCE],
                "products": [AXI, SALVAGE],
                "indications": ["dlbcl"],
                "min_line": 3,
            },
            "stratify_by": "source",
            "reference": SOURCE,
            "adjust_for": ["age", "sex", "covariate:ecog", "covariate:ldh_ratio"],
            "endpoints": ["progression_free_survival"],
        }
    )
    tables = evaluate(study, harmonised.con).tables
    ratios = tables["hazard_ratio"]
    term = ratios["term"].str.contains("cart_registry")
    adjusted = ratios[term & (ratios["model"] == "cox_adjusted")].iloc[0]
    crude = ratios[term & (ratios["model"] == "cox_unadjusted")].iloc[0]
    truth = json.loads((harmonised.home / "truth" / f"{SOURCE}.json").read_text())
    true = truth["conditional"]["progression_free_survival"]["log_hazard_ratio"]
    stated = true[f"{AXI} against {SALVAGE}"]
    error = np.log(adjusted["hazard_ratio"]) - stated
    assert abs(error) < 3 * adjusted["std_error"]
    # The controls are sicker, so the crude ratio flatters the CAR-T cells.
    assert np.log(crude["hazard_ratio"]) < np.log(adjusted["hazard_ratio"]) - 0.05
    assert adjusted["std_error"] < 0.1
    curve = tables["survival_curve"]
    assert set(curve["stratum"]) == {"cart_registry", SOURCE}
