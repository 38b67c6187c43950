"""Transfusion-dependent thalassaemia: exa-cel and beti-cel from 12 years, transfusions, forms."""

import numpy as np
import pandas as pd

from simulation.calendar import plus
from simulation.gene_therapy.adults import adult_forms
from simulation.gene_therapy.parameters import BETI, EXA, GeneTherapyParameters
from simulation.gene_therapy.series import (
    dated,
    events,
    likert,
    pedsql_keys,
    repeated,
    visits,
)
from simulation.text import decimals

_HB_VISITS = {"baseline": -10, "M3": 91, "M6": 182, "M12": 365, "M24": 730, "M36": 1095}
_CHILD_VISITS = {"baseline": -20, "M6": 182, "M12": 365, "M24": 730, "M36": 1095}


def people(
    frame: pd.DataFrame, rng: np.random.Generator, parameters: GeneTherapyParameters
) -> pd.DataFrame:
    """Adds birth, product, apheresis, infusion or drop-out, success and death."""
    law, size = parameters.thalassaemia, len(frame)
    decision = frame["decision_date"].to_numpy()
    product = np.where(rng.random(size) < law.exa_share, EXA, BETI).astype(object)
    share = np.where(product == EXA, law.success[EXA], law.success[BETI])
    dropped = rng.random(size) < law.drop_out
    apheresis = plus(decision, rng.integers(30, 90, size).astype(float))
    infusion = plus(apheresis, np.where(dropped, np.inf, rng.integers(100, 190, size)))
    death = np.ceil(rng.exponential(365.0 / law.death_rate, size))
    return frame.assign(
        birth_date=plus(decision, -np.round(rng.uniform(12.0, 36.0, size) * 365.25)),
        product=product,
        order_date=plus(decision, np.full(size, 14.0)),
        apheresis_date=apheresis,
        infusion_date=infusion,
        drop_out_reason=np.where(dropped, "patient_choice", ""),
        success=(rng.random(size) < share).astype(int),
        last_transfusion_days=rng.integers(*law.last_transfusion_days, size).astype(float),
        death_date=plus(infusion, np.where(death < 3000, death, np.inf)),
        death_cause=np.where(death < 3000, "infection", ""),
    )


def life(
    frame: pd.DataFrame, rng: np.random.Generator, parameters: GeneTherapyParameters
) -> dict[str, pd.DataFrame]:
    """Events, observations, covariates and stays."""
    law, size = parameters.thalassaemia, len(frame)
    row = frame.index.to_numpy()
    decision = frame["decision_date"].to_numpy().astype("datetime64[D]")
    infusion = frame["infusion_date"].to_numpy().astype("datetime64[D]")
    wait = (infusion - decision).astype(float)
    wait = np.where(np.isnat(infusion), np.inf, wait)
    success = frame["success"].to_numpy() == 1
    last = frame["last_transfusion_days"].to_numpy(dtype=float)
    stop = np.minimum(np.where(success, wait + last, 2500.0), 2500.0)
    again = repeated(
        row, decision, np.full(size, -5.0), stop, law.transfusion_gap_days, rng, regular=True
    )
    bags = events(*again, "transfusion")
    # A year from the last transfusion recorded, which is what the registry's definition says.
    final = bags.groupby("row")["date"].max().reindex(row).to_numpy().astype("datetime64[D]")
    free = success & ~np.isnat(infusion)
    start = np.where(np.isnat(final), infusion, np.fmax(final, infusion))
    independent = events(row, start, np.where(free, 365.0, np.inf), "transfusion_independence")
    infused = ~np.isnat(infusion)
    low = infused & (rng.random(size) < law.cytopenia)
    ill = infused & (rng.random(size) < law.infection)
    found = [
        bags,
        independent,
        events(row, infusion, np.where(low, 42.0, np.inf), "prolonged_cytopenia"),
        events(
            row,
            infusion,
            np.where(ill, rng.integers(5, 120, size), np.inf),
            "infection",
            grade=rng.integers(2, 4, size).astype(str).astype(object),
            grade_scale="ctcae",
        ),
    ]
    blood = []
    for days in visits(size, _HB_VISITS, rng).values():
        level = np.where(success & (days > 60), 11.8, 9.3) + rng.normal(0, 0.7, size)
        when = np.where(infused, days, np.inf)
        blood.append(
            dated(row, infusion, when, code="haemoglobin", value=decimals(level), unit="g/dL")
        )
    genotype = np.where(rng.random(size) < 0.4, "b0/b0", "non-b0/b0").astype(object)
    stays = dated(
        row, infusion, np.where(infused, -6.0, np.inf), ghm="27Z03",
        nights=rng.integers(28, 55, size),
        cost_eur=np.round(rng.uniform(4e4, 9e4, size), 2), icu_days=1.0 * rng.poisson(0.4, size),
    )  # fmt: skip
    return {
        "events": pd.concat(found),
        "observations": pd.concat(blood),
        "covariates": dated(row, decision, np.zeros(size), name="genotype", value=genotype),
        "stays": stays,
    }


def forms(
    frame: pd.DataFrame, rng: np.random.Generator, parameters: GeneTherapyParameters
) -> dict[str, pd.DataFrame]:
    """EQ-5D-5L from 18 years; PedsQL below, by parent and self."""
    del parameters
    gain = np.where(frame["success"].to_numpy() == 1, 0.5, 0.0)
    out = adult_forms(frame, gain, rng)
    infusion = frame["infusion_date"].to_numpy().astype("datetime64[D]")
    birth = frame["birth_date"].to_numpy().astype("datetime64[D]")
    row, health = frame.index.to_numpy(), rng.normal(0.4, 0.6, len(frame))
    tables = []
    for name, days in visits(len(frame), _CHILD_VISITS, rng).items():
        age = ((infusion - birth).astype(float) + days) / 365.25
        asked = (rng.random(len(frame)) > 0.12) & (age < 18) & ~np.isnat(infusion)
        for respondent in ("self", "parent"):
            table = dated(
                row[asked], infusion[asked], days[asked], visit=name, respondent=respondent
            )
            felt = (health + np.where(days > 100, gain, 0.0))[asked]
            answers = likert(felt + rng.normal(0, 0.3, asked.sum()), pedsql_keys(12), rng)
            tables.append(pd.concat([table, answers], axis=1))
    out["pedsql-4.0"] = pd.concat(tables).assign(in_epro=False)
    return out
