"""Cox coefficients, standard errors and the proportional-hazards test equal those of R.

Golden results: `golden/cox.csv` and `golden/cox_zph.csv`, made by `golden/survival.R`.
"""

from typing import Any

import pandas as pd
import pytest

from analyses.survival import CoxResult, cox
from tests.lib.parity_tables import GOLDEN, TABLES

ITERATED = 1e-6

MODELS: dict[str, dict[str, Any]] = {
    "rossi": {"covariates": ["fin", "age", "race", "wexp", "mar", "paro", "prio"]},
    "rossi_strata": {"covariates": ["fin", "age", "prio"], "strata": "race"},
    "rossi_half": {"covariates": ["fin", "age", "prio"], "weight": "half_weight"},
    "rossi_whole": {"covariates": ["fin", "age"], "weight": "whole_weight"},
    "lung": {"covariates": ["age", "sex", "ecog_text"]},
    "gbsg2": {"covariates": ["horTh", "age", "tsize", "tgrade", "pnodes"]},
    "gbsg2_reference": {"covariates": ["tgrade", "age"], "reference": {"tgrade": "II"}},
    "macs_entry": {"covariates": ["year"], "entry": "entry"},
    "stanford": {"covariates": ["age", "year", "surgery", "transplant"], "entry": "entry"},
    "stanford_cluster": {
        "covariates": ["age", "year", "surgery", "transplant"],
        "entry": "entry",
        "cluster": "id",
    },
    "ties": {"covariates": ["x", "z", "group"]},
    "ties_entry_strata": {
        "covariates": ["x", "z", "group"],
        "entry": "entry",
        "strata": "stratum",
    },
    "ties_half_cluster": {
        "covariates": ["x", "z", "group"],
        "weight": "half_weight",
        "cluster": "cluster",
    },
    "ties_all": {
        "covariates": ["x", "z", "group"],
        "entry": "entry",
        "strata": "stratum",
        "weight": "half_weight",
        "cluster": "cluster",
    },
}


def fitted(case: str) -> CoxResult:
    frame = TABLES[case.split("_")[0]]()
    if "ecog" in frame:
        frame["ecog_text"] = "e" + frame["ecog"].astype(int).astype(str)
    return cox(frame, **MODELS[case])


def golden(method: str, case: str) -> pd.DataFrame:
    every = pd.read_csv(GOLDEN / f"{method}.csv")
    return every[every["case"] == case].set_index("term")


@pytest.mark.parametrize("case", MODELS)
def test_coefficients_equal_those_of_coxph(case: str) -> None:
    result, theirs = fitted(case), golden("cox", case)
    mine = result.coefficients.set_index("term")
    assert sorted(mine.index) == sorted(theirs.index)
    for name in ("coefficient", "std_error", "ci_lower", "ci_upper", "p_value"):
        expected = theirs.loc[mine.index, name].to_numpy()
        assert mine[name].to_numpy() == pytest.approx(expected, rel=ITERATED, abs=ITERATED)
    likelihoods = theirs.iloc[0][["log_likelihood", "log_likelihood_null"]].to_list()
    assert [result.log_likelihood, result.log_likelihood_null] == pytest.approx(likelihoods)


@pytest.mark.parametrize("case", MODELS)
def test_proportional_hazards_test_equals_cox_zph(case: str) -> None:
    mine = fitted(case).proportional_hazards.set_index("term")
    theirs = golden("cox_zph", case)
    assert list(mine.index) == list(theirs.index)
    for name in ("statistic", "degrees_of_freedom", "p_value"):
        assert mine[name].to_numpy() == pytest.approx(
            theirs[name].to_numpy(), rel=ITERATED, abs=ITERATED
        )
