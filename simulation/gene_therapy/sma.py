"""Spinal muscular atrophy: infants given onasemnogene, milestones, ventilation, PedsQL from 2."""

import numpy as np
import pandas as pd

from simulation.calendar import plus
from simulation.gene_therapy.parameters import ONASEMNOGENE, GeneTherapyParameters
from simulation.gene_therapy.series import dated, events, likert, pedsql_keys, visits

_MONTH = 30.4375
_MOTOR_VISITS = {"baseline": -3, "M3": 91, "M6": 182, "M12": 365, "M18": 548, "M24": 730}
_FORM_VISITS = {"M24": 730, "M36": 1095, "M48": 1461, "M60": 1826, "M72": 2191}


def people(
    frame: pd.DataFrame, rng: np.random.Generator, parameters: GeneTherapyParameters
) -> pd.DataFrame:
    """Adds birth, copies of SMN2, infusion and death; everybody decided on is infused."""
    law, size = parameters.sma, len(frame)
    early = rng.random(size) < law.presymptomatic
    age_months = np.where(early, rng.uniform(0.5, 2.5, size), rng.uniform(2.0, 14.0, size))
    decision = frame["decision_date"].to_numpy()
    infusion = plus(decision, rng.integers(8, 35, size).astype(float))
    factor = np.where(early, law.presymptomatic_factor, 1.0)
    death = np.ceil(rng.exponential(365.0 / (law.death_rate * factor)))
    ventilation = np.ceil(rng.exponential(365.0 / (law.ventilation_rate * factor)))
    death = np.where(death < 3000, death, np.inf)
    return frame.assign(
        birth_date=plus(decision, -np.round(age_months * _MONTH)),
        presymptomatic=early.astype(int),
        smn2_copies=np.where(rng.random(size) < law.two_copies, 2, 3),
        product=ONASEMNOGENE,
        order_date=plus(decision, np.full(size, 3.0)),
        infusion_date=infusion,
        drop_out_reason="",
        ventilation_days=np.where(ventilation < np.minimum(death, 1500), ventilation, np.inf),
        death_date=plus(infusion, death),
        death_cause=np.where(np.isfinite(death), "disease_progression", ""),
    )


def life(
    frame: pd.DataFrame, rng: np.random.Generator, parameters: GeneTherapyParameters
) -> dict[str, pd.DataFrame]:
    """Events, observations, covariates and stays."""
    law, size = parameters.sma, len(frame)
    row = frame.index.to_numpy()
    infusion = frame["infusion_date"].to_numpy().astype("datetime64[D]")
    age = (infusion - frame["birth_date"].to_numpy().astype("datetime64[D]")).astype(float)
    early = frame["presymptomatic"].to_numpy().astype(int)
    ventilated = frame["ventilation_days"].to_numpy(dtype=float)
    found = [events(row, infusion, ventilated, "permanent_ventilation")]
    ability, reached = rng.random(size), np.zeros(size)
    for name, shares in law.milestone_share.items():
        mean = np.asarray(law.milestone_age[name])[early] * _MONTH
        day = np.maximum(rng.normal(mean, 0.2 * mean) - age, reached + 20.0)
        reached = np.where(ability < np.asarray(shares)[early], np.ceil(day), np.inf)
        reached = np.where(reached < ventilated, reached, np.inf)
        found.append(events(row, infusion, reached, "motor_milestone", detail=name))
    copies = frame["smn2_copies"].to_numpy().astype(int)
    health = rng.normal(0.0, 5.0, size) + 12.0 * early
    motor = []
    for name, days in visits(size, _MOTOR_VISITS, rng).items():
        gain = 22.0 * (1.0 - np.exp(-np.maximum(_MOTOR_VISITS[name], 0) / 300.0))
        score = np.clip(np.round(30.0 + health + gain + rng.normal(0, 3, size)), 0, 64)
        text = score.astype(int).astype(str).astype(object)
        motor.append(
            dated(row, infusion, days, code="chop_intend", value=text, unit="score", visit=name)
        )
    decision = frame["decision_date"].to_numpy().astype("datetime64[D]")
    at_decision = np.zeros(size)
    values = {"smn2_copies": copies, "presymptomatic": early}
    return {
        "events": pd.concat(found),
        "observations": pd.concat(motor),
        "covariates": pd.concat(
            dated(row, decision, at_decision, name=name, value=value.astype(str).astype(object))
            for name, value in values.items()
        ),
        "stays": dated(
            row, infusion, np.full(size, -1.0), ghm="01M36", nights=rng.integers(2, 7, size),
            cost_eur=np.round(rng.uniform(3e3, 9e3, size), 2), icu_days=np.zeros(size),
        ),
    }  # fmt: skip


def forms(
    frame: pd.DataFrame, rng: np.random.Generator, parameters: GeneTherapyParameters
) -> dict[str, pd.DataFrame]:
    """PedsQL: by a parent from 2 years, by the child too from 5."""
    row = frame.index.to_numpy()
    infusion = frame["infusion_date"].to_numpy().astype("datetime64[D]")
    birth = frame["birth_date"].to_numpy().astype("datetime64[D]")
    health = parameters.sma.parent_health_mean + rng.normal(0.0, 0.6, len(frame))
    health = health + 0.8 * frame["presymptomatic"].to_numpy()
    tables = []
    for name, days in visits(len(frame), _FORM_VISITS, rng).items():
        age = ((infusion - birth).astype(float) + days) / 365.25
        given = rng.random(len(frame)) > 0.15
        for respondent, low, high in (("parent", 2, 5), ("parent", 5, 8), ("self", 5, 8)):
            asked = given & (age >= low) & (age < high)
            table = dated(
                row[asked], infusion[asked], days[asked], visit=name, respondent=respondent
            )
            answers = likert(health[asked] + rng.normal(0, 0.3, asked.sum()), pedsql_keys(low), rng)
            tables.append(pd.concat([table, answers], axis=1))
    return {"pedsql-4.0": pd.concat(tables).fillna("").assign(in_epro=False)}
