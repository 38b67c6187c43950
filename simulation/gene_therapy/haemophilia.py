"""Haemophilia B: adults given etranacogene, bleeds before and after, factor IX, EQ-5D-5L."""

import numpy as np
import pandas as pd

from simulation.calendar import plus
from simulation.gene_therapy.adults import adult_forms
from simulation.gene_therapy.parameters import ETRANACOGENE, GeneTherapyParameters
from simulation.gene_therapy.series import dated, events, repeated, visits
from simulation.text import decimals

_FACTOR_VISITS = {"baseline": -14, "M3": 91, "M6": 182, "M12": 365, "M24": 730, "M36": 1095}


def people(
    frame: pd.DataFrame, rng: np.random.Generator, parameters: GeneTherapyParameters
) -> pd.DataFrame:
    """Adds birth, infusion or drop-out, response and death."""
    law, size = parameters.haemophilia, len(frame)
    decision = frame["decision_date"].to_numpy()
    dropped = rng.random(size) < law.drop_out
    infusion = plus(decision, np.where(dropped, np.inf, rng.integers(30, 90, size)))
    death = np.ceil(rng.exponential(365.0 / law.death_rate, size))
    return frame.assign(
        male=1,
        birth_date=plus(decision, -np.round(rng.uniform(18.5, 66.0, size) * 365.25)),
        product=ETRANACOGENE,
        order_date=plus(decision, np.full(size, 10.0)),
        infusion_date=infusion,
        drop_out_reason=np.where(dropped, "other", ""),
        success=(rng.random(size) < law.responders).astype(int),
        death_date=plus(infusion, np.where(death < 3000, death, np.inf)),
        death_cause=np.where(death < 3000, "other", ""),
    )


def life(
    frame: pd.DataFrame, rng: np.random.Generator, parameters: GeneTherapyParameters
) -> dict[str, pd.DataFrame]:
    """Events, observations, covariates and stays."""
    law, size = parameters.haemophilia, len(frame)
    row = frame.index.to_numpy()
    decision = frame["decision_date"].to_numpy().astype("datetime64[D]")
    infusion = frame["infusion_date"].to_numpy().astype("datetime64[D]")
    infused = ~np.isnat(infusion)
    wait = np.where(infused, (infusion - decision).astype(float), 2500.0)
    zero, long = np.zeros(size), np.full(size, 2500.0)
    before = repeated(row, decision, zero, wait, 365.0 / law.bleeds_before, rng, regular=False)
    success = frame["success"].to_numpy() == 1
    bleeds = [events(*before, "bleed")]
    for group, rate in ((success, law.bleeds_after), (~success, law.bleeds_before)):
        end = np.where(group & infused, long, 0.0)
        again = repeated(row, infusion, zero, end, 365.0 / rate, rng, regular=False)
        bleeds.append(events(*again, "bleed"))
    factor = []
    for days in visits(size, _FACTOR_VISITS, rng).values():
        level = np.where(success & (days > 60), rng.normal(37.0, 12.0, size), 1.5)
        when = np.where(infused, days, np.inf)
        text = decimals(np.maximum(level, 0.8))
        factor.append(dated(row, infusion, when, code="factor_ix_activity", value=text, unit="%"))
    severity = np.where(rng.random(size) < 0.8, "severe", "moderate").astype(object)
    return {
        "events": pd.concat(bleeds),
        "observations": pd.concat(factor),
        "covariates": dated(row, decision, zero, name="severity", value=severity),
        "stays": dated(
            row, infusion, np.where(infused, 0.0, np.inf), ghm="16M09",
            nights=rng.integers(0, 2, size), cost_eur=np.round(rng.uniform(900, 2500, size), 2),
            icu_days=np.zeros(size),
        ),
    }  # fmt: skip


def forms(
    frame: pd.DataFrame, rng: np.random.Generator, parameters: GeneTherapyParameters
) -> dict[str, pd.DataFrame]:
    """EQ-5D-5L: everybody is an adult."""
    del parameters
    return adult_forms(frame, np.full(len(frame), 0.3), rng)
