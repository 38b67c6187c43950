"""The historical controls: true values of every patient, then their lives on the calendar.

Dates of all that truly happened; what is known by a delivery is cut out in `files.py`.
"""

import numpy as np
import pandas as pd

from simulation.calendar import plus
from simulation.cart import outcomes
from simulation.cart.covariates import DIMENSIONS, from_uniforms
from simulation.cart.parameters import Parameters
from simulation.historical.parameters import (
    ACCRUAL_DAYS,
    CONTROLS_PER_CART_PATIENT,
    FEWEST_CONTROLS,
    FIRST_START,
    LOSS_PER_YEAR,
    PARAMETERS,
    PROTOCOL_SHARES,
    PROTOCOLS,
    SALVAGE,
)
from simulation.identity import national_numbers, surnames
from simulation.streams import stream

_DATED = ("progression", "death", "next_treatment")


def controls(patients: int, seed: int, parameters: Parameters = PARAMETERS) -> pd.DataFrame:
    """Patients given salvage chemotherapy, one row each, with the columns of `cart.cohort`.

    Days count from the start of the salvage treatment; there is no CRS and no ICANS.
    """
    rng = stream(seed, "historical.covariates")
    frame = from_uniforms(rng.random((patients, DIMENSIONS)), parameters)
    frame = frame.assign(group="target", product=SALVAGE, infused=True)
    frame["product"] = frame["product"].astype(object)
    return outcomes.draw(frame, stream(seed, "historical.outcomes"), parameters)


def history(cart_patients: int, seed: int) -> pd.DataFrame:
    """Half as many controls as CAR-T patients, with identity and dates, one row a patient.

    Adds national_number, surname, birth_date, protocol, start_date, response_date,
    progression_date, death_date, next_treatment_date, lost_date and lock_lag_days.
    """
    size = max(FEWEST_CONTROLS, round(cart_patients * CONTROLS_PER_CART_PATIENT))
    frame = controls(size, seed)
    rng = stream(seed, "historical.calendar")
    first = np.full(size, np.datetime64(FIRST_START))
    start = plus(first, np.floor(rng.random(size) * ACCRUAL_DAYS))
    frame["start_date"] = start
    for name in _DATED:
        frame[f"{name}_date"] = plus(start, frame[f"{name}_days"].to_numpy())
    visited = frame["first_visit_days"] < frame["death_days"]
    assessed = visited & (frame["best_response"] != "not_evaluable")
    frame["response_date"] = plus(
        start, np.where(assessed, frame["first_visit_days"].to_numpy(), np.inf)
    )
    frame["lost_date"] = plus(start, np.ceil(rng.exponential(365.0 / LOSS_PER_YEAR, size)))
    frame["lock_lag_days"] = rng.integers(0, 61, size)
    shares = np.cumsum(PROTOCOL_SHARES)[:-1]
    frame["protocol"] = np.asarray(PROTOCOLS, dtype=object)[
        np.searchsorted(shares, rng.random(size))
    ]
    age_days = np.round(frame["age"].to_numpy() * 365.25)
    return frame.assign(
        national_number=national_numbers(size, rng, start=700_000_001),
        surname=surnames(size, rng),
        birth_date=plus(start, -age_days),
    )
