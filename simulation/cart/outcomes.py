"""What happens to a patient after infusion: failure, response, toxicity, death, next treatment.

Times are whole days after infusion: the first integer day at or after the continuous time, so that
the distribution at a whole day is exactly the continuous law's. Infinite means never.
"""

import numpy as np
import pandas as pd
from scipy.special import expit

from simulation.cart.law import (
    draw_time,
    non_relapse_score,
    non_relapse_share,
    post_progression_score,
    progression_score,
)
from simulation.cart.parameters import Parameters

_DEATH_CAUSES = ("infection", "crs", "icans", "second_malignancy", "cardiac", "other", "unknown")
_EARLY = (0.40, 0.20, 0.15, 0.0, 0.10, 0.10, 0.05)
_LATE = (0.38, 0.0, 0.01, 0.20, 0.14, 0.15, 0.12)
_PROGRESSED = ("disease_progression", "infection", "other", "unknown")
_PROGRESSED_SHARES = (0.87, 0.05, 0.05, 0.03)


def draw(frame: pd.DataFrame, rng: np.random.Generator, parameters: Parameters) -> pd.DataFrame:
    """Adds outcomes to covariates with `product`: see `patients.cohort` for the columns."""
    out = frame.assign(**_times(frame, rng, parameters))
    out["first_visit_days"] = 30 + rng.integers(-3, 4, len(out))
    out["best_response"] = best_response(out, rng.random(len(out)), parameters)
    late = rng.random(len(out)) >= parameters.response.at_first_visit
    converts = (out["best_response"] == "complete_response") & (out["progression_free_days"] > 100)
    out["converts_at_month_3"] = late & converts
    return out.assign(**_toxicity(out, rng, parameters), **_afterwards(out, rng, parameters))


def _times(
    frame: pd.DataFrame, rng: np.random.Generator, parameters: Parameters
) -> dict[str, np.ndarray]:
    product = frame["product"].to_numpy()
    theta = _by_product(parameters.progression.theta, product)
    psi = _by_product(parameters.post_progression.psi, product)
    failure = draw_time(theta + progression_score(frame, parameters), parameters.progression, rng)
    share = non_relapse_share(failure, non_relapse_score(frame, parameters), parameters)
    straight = rng.random(len(frame)) < share
    score = psi + post_progression_score(frame, parameters)
    after = draw_time(score, parameters.post_progression, rng)
    failure_day = np.maximum(np.ceil(failure), 1.0)
    death = np.where(straight, failure, failure + after)
    return {
        "progression_free_days": failure_day,
        "progression_days": np.where(straight, np.inf, failure_day),
        "death_days": np.maximum(np.ceil(death), 1.0),
    }


def best_response(frame: pd.DataFrame, uniform: np.ndarray, parameters: Parameters) -> np.ndarray:
    """Best overall response: likelier the longer the patient stays free of progression.

    Drawn given the progression-free time, so the law of the times stays what it is. A patient who
    fails by the first visit (M1) never responds, and one who died by then is not evaluable.
    """
    law = parameters.response
    product = frame["product"].to_numpy()
    time = frame["progression_free_days"].to_numpy()
    length = law.slope * np.log(np.minimum(time, 1500.0) / 200.0)
    complete = expit(_by_product(law.complete, product) + length)
    any_response = np.maximum(complete, expit(_by_product(law.any, product) + length))
    evaluable = time > frame["first_visit_days"].to_numpy()
    died = ~evaluable & np.isinf(frame["progression_days"].to_numpy())
    return np.select(
        [died, ~evaluable, uniform < complete, uniform < any_response],
        ["not_evaluable", "progressive_disease", "complete_response", "partial_response"],
        "stable_disease",
    ).astype(object)


def _toxicity(
    frame: pd.DataFrame, rng: np.random.Generator, parameters: Parameters
) -> dict[str, np.ndarray]:
    law = parameters.toxicity
    product, death = frame["product"].to_numpy(), frame["death_days"].to_numpy()
    out: dict[str, np.ndarray] = {}
    for name, shares, onset in (
        ("crs", law.crs, law.crs_onset),
        ("icans", law.icans, law.icans_onset),
    ):
        grade = np.zeros(len(frame), dtype=np.int64)
        uniform = rng.random(len(frame))
        for code, share in shares.items():
            rows = product == code
            grade[rows] = np.searchsorted(np.cumsum(share)[:-1], uniform[rows])
        day = rng.integers(onset[0], onset[1] + 1, len(frame)).astype(float)
        out[f"{name}_grade"] = np.where(day <= death, grade, 0)
        out[f"{name}_days"] = np.where(out[f"{name}_grade"] > 0, day, np.inf)
    return out


def _afterwards(
    frame: pd.DataFrame, rng: np.random.Generator, parameters: Parameters
) -> dict[str, np.ndarray]:
    """Next treatment (only after progression) and the cause of death."""
    law = parameters.follow_up
    size = len(frame)
    progression, death = frame["progression_days"].to_numpy(), frame["death_days"].to_numpy()
    gap = np.ceil(rng.exponential(law.next_treatment_mean_days, size)) + 3
    wanted = rng.random(size) < law.next_treatment_after_progression
    treated = np.where(wanted, progression + gap, np.inf)
    uniform = rng.random(size)
    early = _pick(_DEATH_CAUSES, _EARLY, uniform)
    late = _pick(_DEATH_CAUSES, _LATE, uniform)
    progressed = _pick(_PROGRESSED, _PROGRESSED_SHARES, uniform)
    cause = np.where(np.isfinite(progression), progressed, np.where(death <= 45, early, late))
    return {
        "next_treatment_days": np.where(treated < death, treated, np.inf),
        "death_cause": np.where(np.isfinite(death), cause, ""),
    }


def _pick(codes: tuple[str, ...], shares: tuple[float, ...], uniform: np.ndarray) -> np.ndarray:
    return np.asarray(codes, dtype=object)[np.searchsorted(np.cumsum(shares)[:-1], uniform)]


def _by_product(values: dict[str, float], product: np.ndarray) -> np.ndarray:
    out = np.zeros(len(product))
    for code, value in values.items():
        out[product == code] = value
    return out
