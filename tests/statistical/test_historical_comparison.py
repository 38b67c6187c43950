"""A comparison with the historical controls recovers the conditional hazard ratio of the law.

Simulation with a known truth: given age, sex, ECOG and LDH the hazards of progression-free survival
are proportional, whatever the covariates of the two cohorts.
"""

import numpy as np
import pandas as pd
import pytest

from analyses.survival import cox, kaplan_meier
from simulation.cart import cohort, independent_censoring
from simulation.historical import controls, truth
from simulation.historical.estimands import log_hazard_ratio
from simulation.historical.parameters import SALVAGE
from simulation.products import AXI, TISA

COVARIATES = ["age", "male", "ecog", "ldh_ratio"]
CONTROLS = 20_000


@pytest.fixture(scope="module")
def salvage() -> pd.DataFrame:
    return controls(CONTROLS, 3)


def followed(frame: pd.DataFrame, seed: int) -> pd.DataFrame:
    """Progression-free time and event under independent censoring."""
    end = independent_censoring(frame, seed)
    failure = frame["progression_free_days"].to_numpy()
    # Whole days hide the order within a day; failures happen within the day before.
    spread = np.random.default_rng(seed).random(len(frame))
    return frame.assign(time=np.minimum(failure - spread, end), event=(failure <= end).astype(int))


@pytest.fixture(scope="module")
def infused() -> pd.DataFrame:
    patients = cohort(40_000, 4)
    return patients[patients["infused"] & (patients["group"] == "target")]


def compared(infused: pd.DataFrame, salvage: pd.DataFrame, product: str) -> pd.DataFrame:
    treated = infused[infused["product"] == product]
    both = pd.concat([followed(treated, 5), followed(salvage, 6)], ignore_index=True)
    return both.assign(cells=(both["product"] != SALVAGE).astype(int))


@pytest.mark.parametrize("product", [AXI, TISA])
def test_the_adjusted_ratio_is_that_of_the_law(
    infused: pd.DataFrame, salvage: pd.DataFrame, product: str
) -> None:
    stated = log_hazard_ratio(product)
    both = compared(infused, salvage, product)
    fitted = cox(both, covariates=["cells", *COVARIATES]).coefficients.set_index("term")
    assert abs(fitted.loc["cells", "coefficient"] - stated) < 3 * fitted.loc["cells", "std_error"]
    assert fitted.loc["cells", "std_error"] < 0.02
    law = truth()["conditional"]["progression_free_survival"]["log_hazard_ratio"]
    assert law[f"{product} against {SALVAGE}"] == stated


def test_a_crude_comparison_flatters_the_product_of_the_fitter(
    infused: pd.DataFrame, salvage: pd.DataFrame
) -> None:
    fitted = cox(compared(infused, salvage, AXI), covariates=["cells"]).coefficients.iloc[0]
    assert fitted["coefficient"] < log_hazard_ratio(AXI) - 5 * fitted["std_error"]


@pytest.mark.parametrize(
    ("endpoint", "column"),
    [
        ("overall_survival", "death_days"),
        ("progression_free_survival", "progression_free_days"),
    ],
)
def test_the_stated_curves_are_those_of_the_controls(
    salvage: pd.DataFrame, endpoint: str, column: str
) -> None:
    stated = truth()["marginal"]
    frame = pd.DataFrame({"time": salvage[column].clip(upper=1e6), "event": 1})
    curve = kaplan_meier(frame).set_index("time")["survival"]
    error = 4 * np.sqrt(0.25 / CONTROLS)
    for days, value in stated["controls"][endpoint].items():
        assert curve[curve.index <= int(days)].iloc[-1] == pytest.approx(value, abs=error)
        # The infused of the CAR-T registry are fitter: under salvage, too, they would live longer.
        assert stated["target_population"][endpoint][days] > value
