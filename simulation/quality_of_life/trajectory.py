"""Latent health over the visits, and which forms are filled in. Needs times, not dates.

Health dips after infusion, recovers in those free of progression (more so after a complete
response) and falls once the disease progresses. A form is missing by the utility last *given*, so
missingness is at random given the utilities seen and yet commoner in the sick.
"""

from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from scipy.special import expit

from simulation.products import AXI, BREXU, TISA
from simulation.quality_of_life.instruments import eq5d_levels, utility

VISITS = ("baseline", "M1", "M3", "M6", "M12", "M18", "M24")
VISIT_DAYS = np.array([-5, 30, 91, 182, 365, 548, 730])


@dataclass(frozen=True)
class HealthLaw:
    """Means by visit and what shifts them, in SD of health before treatment."""

    path: tuple[float, ...] = (0.0, -0.45, -0.05, 0.20, 0.35, 0.40, 0.45)
    product_dip_at_month_1: dict[str, float] = field(
        default_factory=lambda: {AXI: -0.15, TISA: 0.0, BREXU: -0.15}
    )
    complete_response: float = 0.20
    progressed: float = -0.85
    icans_grade_3_at_month_1: float = -0.40
    ecog: float = -0.35
    ldh_ratio: float = -0.12
    person_sd: float = 0.65
    visit_sd: float = 0.40


@dataclass(frozen=True)
class MissingLaw:
    """Logit of a missing form: by visit, and by one minus the utility last given."""

    baseline: float = -2.3
    intercept: float = -2.2
    lost_utility: float = 4.0
    per_visit: float = 0.10


HEALTH = HealthLaw()
MISSING = MissingLaw()


def latent_health(
    frame: pd.DataFrame, rng: np.random.Generator, law: HealthLaw = HEALTH
) -> np.ndarray:
    """Health at each visit, shape (patients, visits); NaN once dead.

    `frame` has product, ecog, ldh_ratio, best_response, icans_grade, progression_days, death_days.
    """
    size = len(frame)
    person = law.person_sd * rng.normal(size=size)
    ecog, ldh_ratio = frame["ecog"].to_numpy(), frame["ldh_ratio"].to_numpy()
    person = person + law.ecog * (ecog - 1.0) + law.ldh_ratio * (ldh_ratio - 1.3)
    days = VISIT_DAYS[None, :]
    progressed = frame["progression_days"].to_numpy()[:, None] <= days
    health = person[:, None] + np.asarray(law.path) + law.visit_sd * rng.normal(size=(size, 7))
    complete = (frame["best_response"] == "complete_response").to_numpy()[:, None]
    health += law.complete_response * (complete & ~progressed & (days > 0))
    health += law.progressed * progressed
    health[:, 1] += frame["product"].map(law.product_dip_at_month_1).to_numpy(dtype=float)
    severe = (frame["icans_grade"] >= 3).to_numpy()
    health[:, 1] += law.icans_grade_3_at_month_1 * severe
    health[frame["death_days"].to_numpy()[:, None] <= days] = np.nan
    return np.asarray(health)


def utilities(health: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """EQ-5D-5L levels (patients, visits, 5) and utilities (patients, visits; NaN once dead)."""
    size, visits = health.shape
    flat = np.nan_to_num(health.ravel())
    levels = eq5d_levels(flat, rng)
    values = utility(levels).reshape(size, visits)
    values[np.isnan(health)] = np.nan
    return levels.reshape(size, visits, 5), values


def missing(values: np.ndarray, rng: np.random.Generator, law: MissingLaw = MISSING) -> np.ndarray:
    """Which forms of the living are missing, shape (patients, visits), from their utilities."""
    size, visits = values.shape
    out = np.zeros((size, visits), dtype=bool)
    out[:, 0] = rng.random(size) < expit(law.baseline)
    last = np.where(out[:, 0], 0.8, values[:, 0])
    for visit in range(1, visits):
        logit = law.intercept + law.per_visit * visit + law.lost_utility * (1.0 - last)
        out[:, visit] = rng.random(size) < expit(logit)
        given = ~out[:, visit] & ~np.isnan(values[:, visit])
        last = np.where(given, values[:, visit], last)
    return out
