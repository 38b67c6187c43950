"""Puts a cohort on the calendar: decision to infusion or drop-out, then what each day brought.

Dates only, of everything that truly happened; what a registry knows of it by a delivery is in
`registry.py`.
"""

import datetime as dt

import numpy as np
import pandas as pd

from simulation.calendar import plus
from simulation.cart.complications import complications
from simulation.cart.parameters import DEFAULT, Parameters
from simulation.cart.patients import cohort
from simulation.identity import departments, given_names, national_numbers, surnames
from simulation.streams import stream

_NAT = np.datetime64("NaT")
_DATED = ("progression", "death", "next_treatment", "crs", "icans")


def history(
    patients: int, seed: int, last_delivery: dt.date, parameters: Parameters = DEFAULT
) -> pd.DataFrame:
    """The cohort with identity and dates, one row an apheresed patient.

    Adds national_number, surname, given_name, birth_date, department, treatment_number,
    decision_date, order_date, apheresis_date, release_date, infusion_date (NaT for those never
    infused), drop_out_date and drop_out_reason, progression_date, death_date, next_treatment_date,
    crs_date, icans_date, those of `complications.DATES`, lost_date, lock_lag_days and bridging.
    """
    frame = cohort(patients, seed, parameters)
    frame = _pathway(frame, seed, last_delivery, parameters)
    frame = _not_infused(frame, seed, parameters)
    frame = frame.assign(**_after_infusion(frame))
    frame = frame.assign(**complications(frame, seed))
    rng = stream(seed, "cart.follow_up")
    start = frame["infusion_date"].fillna(frame["apheresis_date"]).to_numpy()
    lost = np.ceil(rng.exponential(365.0 / parameters.follow_up.loss_per_year, patients))
    frame["lost_date"] = plus(start, lost)
    frame["lock_lag_days"] = rng.integers(0, parameters.follow_up.lock_lag_days + 1, patients)
    return _identity(frame, seed)


def _pathway(
    frame: pd.DataFrame, seed: int, last_delivery: dt.date, parameters: Parameters
) -> pd.DataFrame:
    law, size = parameters.follow_up, len(frame)
    rng = stream(seed, "cart.pathway")
    first = np.datetime64(law.first_apheresis)
    span = int((np.datetime64(last_delivery) - first).astype(int)) - law.lock_lag_days - 1
    apheresis = plus(np.full(size, first), np.floor(span * rng.random(size) ** 0.8))
    order = plus(apheresis, -rng.integers(4, 15, size).astype(float))
    mean, spread = (np.zeros(size), np.zeros(size))
    for product, (centre, sd) in law.vein_to_vein.items():
        rows = (frame["product"] == product).to_numpy()
        mean[rows], spread[rows] = centre, sd
    vein_to_vein = np.maximum(np.round(rng.normal(mean, spread)), 24.0)
    release = plus(apheresis, vein_to_vein - rng.integers(5, 13, size))
    infused = frame["infused"].to_numpy()
    return frame.assign(
        decision_date=plus(order, -rng.integers(1, 15, size).astype(float)),
        order_date=order,
        apheresis_date=apheresis,
        release_date=release,
        infusion_date=plus(apheresis, np.where(infused, vein_to_vein, np.inf)),
        bridging=(rng.random(size) < law.bridging).astype(int),
    )


def _not_infused(frame: pd.DataFrame, seed: int, parameters: Parameters) -> pd.DataFrame:
    """Reason and day of the drop-out, and the (short) life after it; no infusion outcomes."""
    law, size = parameters.drop_out, len(frame)
    rng = stream(seed, "cart.drop_out")
    reasons = np.asarray(list(law.reasons), dtype=object)
    shares = np.cumsum(list(law.reasons.values()))[:-1]
    reason = reasons[np.searchsorted(shares, rng.random(size))]
    day = rng.integers(8, 50, size).astype(float)
    median = np.where(np.isin(reason, ["progression", "infection"]), 70.0, 300.0)
    life = np.ceil(rng.exponential(median / np.log(2.0), size))
    life = np.where(reason == "death", 0.0, np.where(reason == "remission", life * 8.0, life))
    progression = np.where(reason == "progression", day, np.inf)
    dropped = ~frame["infused"].to_numpy()
    apheresis = frame["apheresis_date"].to_numpy()
    no_release = dropped & np.isin(reason, ["manufacturing_failure", "death"])
    release = frame["release_date"].to_numpy().copy()
    release[no_release | (dropped & (release > plus(apheresis, day)))] = _NAT
    cause = np.where(reason == "progression", "disease_progression", "other")
    cause = np.where(np.isin(reason, ["infection", "death"]), "infection", cause)
    out = frame.assign(
        drop_out_reason=np.where(dropped, reason, ""),
        drop_out_date=plus(apheresis, np.where(dropped, day, np.inf)),
        drop_out_progression_date=plus(apheresis, np.where(dropped, progression, np.inf)),
        drop_out_death_date=plus(apheresis, np.where(dropped, day + life, np.inf)),
        release_date=release,
    )
    out["death_cause"] = np.where(dropped, cause, out["death_cause"])
    return out


def _after_infusion(frame: pd.DataFrame) -> dict[str, np.ndarray]:
    infusion = frame["infusion_date"].to_numpy()
    dates = {}
    for name in _DATED:
        days = frame[f"{name}_days"].to_numpy()
        dates[f"{name}_date"] = np.where(np.isnat(infusion), _NAT, plus(infusion, days))
    for name in ("progression", "death"):
        other = frame[f"drop_out_{name}_date"].to_numpy()
        dates[f"{name}_date"] = np.where(np.isnat(infusion), other, dates[f"{name}_date"])
    return {name: values.astype("datetime64[D]") for name, values in dates.items()}


def _identity(frame: pd.DataFrame, seed: int) -> pd.DataFrame:
    size = len(frame)
    rng = stream(seed, "cart.identity")
    age_days = np.round(frame["age"].to_numpy() * 365.25)
    return frame.assign(
        national_number=national_numbers(size, rng, start=1),
        surname=surnames(size, rng),
        given_name=given_names(size, rng),
        department=departments(size, rng),
        birth_date=plus(frame["decision_date"].to_numpy().astype("datetime64[D]"), -age_days),
        treatment_number=rng.permutation(size) + 1,
    )
