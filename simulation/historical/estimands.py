"""The known truth of the comparison with the historical controls."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import pandas as pd

from simulation.cart.covariates import DIMENSIONS, from_uniforms, target_weight
from simulation.cart.estimands import HORIZONS, POINTS
from simulation.cart.law import alive_after_progression, progression_free
from simulation.cart.parameters import DEFAULT, PRODUCTS
from simulation.historical.parameters import PARAMETERS, SALVAGE
from simulation.historical.table import (
    known,
    observed,
    observed_endpoints,
    observed_populations,
)
from simulation.streams import lattice
from simulation.truth_files import write_json, write_parquet


def write_truth(folder: Path, history: pd.DataFrame, undated: Mapping[dt.date, pd.Series]) -> None:
    """Writes historical_control.json and, for each delivery, what the functions
    `observed*` give into `folder`. `undated`: of each delivery, the national numbers of
    the dead without a date of death."""
    for name in ("", "_endpoints", "_populations"):
        (folder / f"historical_control{name}").mkdir()
    write_json(folder / "historical_control.json", truth())
    for day, numbers in undated.items():
        seen, file = known(history, day), f"{day.isoformat()}.parquet"
        write_parquet(folder / "historical_control" / file, observed(seen))
        clocks = observed_endpoints(seen, day, numbers)
        write_parquet(folder / "historical_control_endpoints" / file, clocks)
        steps = observed_populations(seen)
        write_parquet(folder / "historical_control_populations" / file, steps)


def log_hazard_ratio(product: str) -> float:
    """Progression-free survival of a CAR-T product against salvage, given the covariates."""
    theta = PARAMETERS.progression.theta
    return theta[product] - theta[SALVAGE]


def truth() -> dict[str, object]:
    """What a comparison should recover; plain data, ready for JSON.

    conditional: log hazard ratios of progression-free survival, exact. marginal: survival under
    salvage by endpoint and day, of the controls themselves and of the CAR-T target population (the
    counterfactual a comparison after weighting estimates).
    """
    law = PARAMETERS.progression
    ratios = {product: log_hazard_ratio(product) for product in PRODUCTS}
    return {
        "parameters": {
            name: asdict(getattr(PARAMETERS, name))
            for name in ("covariates", "progression", "post_progression", "non_relapse", "response")
        },
        "clock": "day 0 is the start of the salvage treatment, or the infusion of the CAR-T cells",
        "conditional": {
            "progression_free_survival": {
                "correctly_specified": True,
                "note": "proportional hazards hold exactly given age, sex, ecog and ldh_ratio",
                "log_hazard_ratio": {
                    **{f"{product} against {SALVAGE}": value for product, value in ratios.items()},
                    "age": law.age_decade / 10.0,
                    "male": law.male,
                    "ecog": law.ecog,
                    "ldh_ratio": law.ldh_ratio,
                },
            },
        },
        "marginal": {"controls": _curves(own=True), "target_population": _curves(own=False)},
    }


def _curves(*, own: bool) -> dict[str, dict[str, float]]:
    """Survival under salvage, by numeric integration over the covariates of either population."""
    law = PARAMETERS if own else DEFAULT
    frame = from_uniforms(lattice(POINTS, DIMENSIONS), law)
    weight = np.ones(len(frame)) if own else target_weight(frame, DEFAULT)
    weight = weight / weight.sum()
    out: dict[str, dict[str, float]] = {"progression_free_survival": {}, "overall_survival": {}}
    # Centres are parameters: those of the target population are the CAR-T registry's.
    under = PARAMETERS if own else replace(PARAMETERS, covariates=DEFAULT.covariates)
    for days in HORIZONS:
        free = progression_free(days, frame, SALVAGE, under)
        alive = free + alive_after_progression(days, frame, SALVAGE, under)
        out["progression_free_survival"][str(days)] = round(float(weight @ free), 5)
        out["overall_survival"][str(days)] = round(float(weight @ alive), 5)
    return out
