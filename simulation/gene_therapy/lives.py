"""The people of the gene therapy registry and everything that truly happens to them.

Dates over the whole life; what is known by a delivery is cut out in `files.py`. Each disease has a
module.
"""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from simulation.calendar import plus
from simulation.gene_therapy import haemophilia, retina, sma, thalassaemia
from simulation.gene_therapy.parameters import (
    GENE_THERAPY,
    HB,
    RPE65,
    SMA,
    TDT,
    GeneTherapyParameters,
)
from simulation.identity import departments, national_numbers
from simulation.streams import stream
from simulation.trials import TRIAL_OF

_MODULES = {SMA: sma, TDT: thalassaemia, HB: haemophilia}
IN_A_TRIAL = 6
"""One patient in so many takes part in the trial of the disease."""
_YEAR_ENDS = 184
"""Days from 1 July, the day after a delivery, to the new year."""


@dataclass(frozen=True)
class Lives:
    """Long tables keyed by `row` (the row of `patients`), each with a `date`.

    patients: one row a patient with national_number, male, birth_date, department, disease,
    product, decision_date ... death_date, lost_date, lock_lag_days, registration_date, shared,
    trial_id. events:
    event_type, grade, detail. observations: code, value, unit. covariates: name, value. forms: by
    instrument, visit, respondent, in_epro and one column an item. stays: ghm, cost_eur, icu_days,
    nights.
    """

    patients: pd.DataFrame
    events: pd.DataFrame
    observations: pd.DataFrame
    covariates: pd.DataFrame
    stays: pd.DataFrame
    forms: dict[str, pd.DataFrame]


def history(
    patients: int,
    seed: int,
    cart: pd.DataFrame,
    parameters: GeneTherapyParameters = GENE_THERAPY,
) -> Lives:
    """Lives of about a third as many patients as `patients`, and of a few with a disease of the
    eye; some are CAR-T patients of `cart`."""
    size = max(parameters.fewest_patients, round(patients * parameters.patients_per_cart_patient))
    counts = {disease: max(1, round(size * share)) for disease, share in parameters.shares.items()}
    people = []
    for disease, module in _MODULES.items():
        rng = stream(seed, "gene_therapy", disease)
        frame = _base(counts[disease], rng).assign(disease=disease)
        people.append(module.people(frame, rng, parameters))
    frame = pd.concat(people, ignore_index=True)
    rng = stream(seed, "gene_therapy.identity")
    frame["national_number"] = national_numbers(len(frame), rng, start=500_000_001)
    lost = np.ceil(rng.exponential(365.0 / parameters.loss_per_year, len(frame)))
    frame["lost_date"] = plus(_start(frame), lost)
    frame["shared"] = False
    frame = _share(frame, cart, rng, parameters)
    frame["treatment_number"] = rng.permutation(len(frame)) + 1
    frame["trial_id"] = _trial(frame)
    lives = _happenings(frame, seed, parameters)
    eyes = _retina(len(frame), seed, parameters)
    told = retina.readings(eyes, stream(seed, "gene_therapy.life", RPE65))
    everybody = pd.concat([frame, eyes])
    told = _living(told, everybody)
    return replace(
        lives,
        patients=_registered(everybody, seed, parameters),
        observations=pd.concat([lives.observations, told], ignore_index=True),
    )


def _retina(before: int, seed: int, parameters: GeneTherapyParameters) -> pd.DataFrame:
    """Those with the disease of the eye, in the rows and with the numbers after `before` others."""
    share = round(before * parameters.retina_per_other_patient)
    size = max(parameters.fewest_retina_patients, share)
    rng = stream(seed, "gene_therapy", RPE65)
    out = retina.people(_base(size, rng), rng, parameters)
    lost = np.ceil(rng.exponential(365.0 / parameters.loss_per_year, size))
    out = out.assign(
        national_number=national_numbers(size, rng, start=600_000_001),
        lost_date=plus(_start(out), lost),
        shared=False,
        treatment_number=before + 1 + np.arange(size),
        trial_id="",
    )
    return out.set_index(before + np.arange(size))


def _registered(frame: pd.DataFrame, seed: int, parameters: GeneTherapyParameters) -> pd.DataFrame:
    """Adds registration_date: of the decision, or for some a while after the infusion, when the
    registry learnt of them. They lived to that day, and no delivery lies between."""
    rng = stream(seed, "gene_therapy.registration")
    lag = rng.integers(10, parameters.latest_registration_days + 1, len(frame)).astype(float)
    wanted = rng.random(len(frame)) < parameters.registered_late
    decision = frame["decision_date"].to_numpy().astype("datetime64[D]")
    late = plus(frame["infusion_date"].to_numpy(), lag)
    end = np.fmin(
        frame["death_date"].to_numpy().astype("datetime64[D]"),
        frame["lost_date"].to_numpy().astype("datetime64[D]"),
    )
    shift = frame["lock_lag_days"].to_numpy() + float(_YEAR_ENDS)
    year, other = (plus(day, shift).astype("datetime64[Y]") for day in (decision, late))
    kept = wanted & (late < end) & (year == other) & ~frame["shared"].to_numpy().astype(bool)
    return frame.assign(registration_date=np.where(kept, late, decision))


def _base(size: int, rng: np.random.Generator) -> pd.DataFrame:
    """Decision dates and what does not depend on the disease."""
    first = np.full(size, np.datetime64("2019-09-02"))
    return pd.DataFrame(
        {
            "decision_date": plus(first, np.floor(rng.random(size) * 2350.0)),
            "male": rng.integers(0, 2, size),
            "department": departments(size, rng),
            "lock_lag_days": rng.integers(0, 31, size),
        }
    )


def _start(frame: pd.DataFrame) -> np.ndarray:
    return np.asarray(frame["infusion_date"].fillna(frame["decision_date"]).to_numpy())


def _share(
    frame: pd.DataFrame,
    cart: pd.DataFrame,
    rng: np.random.Generator,
    parameters: GeneTherapyParameters,
) -> pd.DataFrame:
    """Gives some adult haemophilia B patients the identity of a later CAR-T patient.

    Their sex, birth date, department, death, loss and data lock are that patient's.
    """
    late = (cart["decision_date"] >= "2022-06-01") & (cart["male"] == 1)
    givers = cart[late.to_numpy()].reset_index(drop=True)
    takers = np.flatnonzero((frame["disease"] == HB).to_numpy())
    wanted = max(2, round(len(cart) * parameters.shared_with_cart))
    count = min(wanted, len(givers), len(takers) // 2)
    takers = rng.permutation(takers)[:count]
    giver = givers.iloc[rng.permutation(len(givers))[:count]].reset_index(drop=True)
    frame = frame.copy()
    columns = ["national_number", "male", "birth_date", "department", "death_date", "death_cause"]
    for name in [*columns, "lost_date", "lock_lag_days"]:
        frame.loc[frame.index[takers], name] = giver[name].to_numpy()
    infusion = plus(giver["decision_date"].to_numpy(), -rng.integers(200, 700, count).astype(float))
    frame.loc[frame.index[takers], "infusion_date"] = infusion
    frame.loc[frame.index[takers], "decision_date"] = plus(infusion, np.full(count, -60.0))
    frame.loc[frame.index[takers], "order_date"] = plus(infusion, np.full(count, -40.0))
    frame.loc[frame.index[takers], ["drop_out_reason", "shared"]] = ["", True]
    return frame


def _trial(frame: pd.DataFrame) -> np.ndarray:
    """Registration number of the trial a patient takes part in, empty for most."""
    takes_part = frame["treatment_number"] % IN_A_TRIAL == 0
    return np.where(takes_part, frame["disease"].map(TRIAL_OF), "").astype(object)


def _happenings(frame: pd.DataFrame, seed: int, parameters: GeneTherapyParameters) -> Lives:
    parts: dict[str, list[pd.DataFrame]] = {
        name: [] for name in ("events", "observations", "covariates", "stays")
    }
    forms: dict[str, list[pd.DataFrame]] = {}
    for disease, module in _MODULES.items():
        rng = stream(seed, "gene_therapy.life", disease)
        mine = frame[frame["disease"] == disease]
        found = module.life(mine, rng, parameters)
        for name, tables in parts.items():
            tables.append(found[name])
        for instrument, table in module.forms(mine, rng, parameters).items():
            forms.setdefault(instrument, []).append(table)
    whole = {name: _living(pd.concat(tables), frame) for name, tables in parts.items()}
    return Lives(
        patients=frame,
        events=whole["events"],
        observations=whole["observations"],
        covariates=whole["covariates"],
        stays=whole["stays"],
        forms={name: _living(pd.concat(tables), frame) for name, tables in forms.items()},
    )


def _living(table: pd.DataFrame, frame: pd.DataFrame) -> pd.DataFrame:
    """Only what falls before the death and up to the loss; numbered in a stable order."""
    row = table["row"].to_numpy()
    date = table["date"].to_numpy().astype("datetime64[D]")
    death = frame["death_date"].to_numpy().astype("datetime64[D]")[row]
    lost = frame["lost_date"].to_numpy().astype("datetime64[D]")[row]
    kept = ~(date >= death) & ~(date > lost) & ~np.isnat(date)
    out = table[kept].sort_values(["row", "date"], kind="stable", ignore_index=True)
    return out.assign(number=np.arange(len(out)) + 1)
