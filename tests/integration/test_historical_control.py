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
    raw = f"raw.{SOURCE}__cohort"
    delivered = "patient_id, birth_month, product_code, ecog, ldh, death_date, progression_date"
    unmapped = "select sum(n_rows) from marts.unmapped_code where source = 'historical_control'"
    refused = harmonised.refused(SOURCE)
    found = {
        "duplicate_rows.cohort": harmonised.number(f"select count(*) from {raw}")
        - harmonised.number(f"select count(*) from (select distinct {delivered} from {raw})"),
        "key_missing": refused.pop("key_missing"),
        "unreadable_date": refused.pop("type"),
        "unknown_code.product_code": harmonised.number(
            f"{unmapped} and code_list = 'product_code'"
        ),
        "unknown_code.death_cause": harmonised.number(f"{unmapped} and code_list = 'death_cause'"),
        "unknown_as_number.ecog": _without(harmonised, "ecog"),
        "missing_value.ldh": _without(harmonised, "ldh_ratio"),
        "death_without_date": harmonised.number(
            f"select count(*) from marts.patient where source = '{SOURCE}' and death_date_imputed"
        ),
        "event_after_death": harmonised.number(
            "select count(*) from intermediate.int_event as e inner join marts.patient as p"
            " using (source, patient_id)"
            f" where source = '{SOURCE}' and e.event_date > p.death_date"
        ),
    }
    assert found == harmonised.dirt[SOURCE]
    assert min(found.values()) >= 1
    assert refused == {}


def _without(harmonised: Harmonised, name: str) -> int:
    """Patients of the cohort without a value of a covariate."""
    found = harmonised.number(
        f"select count(*) from marts.patient as p where source = '{SOURCE}' and not exists ("
        "select 1 from marts.covariate as c where c.source = p.source"
        f" and c.patient_id = p.patient_id and c.name = '{name}')"
    )
    return int(found)


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
