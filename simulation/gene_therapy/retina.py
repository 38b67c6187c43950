"""Inherited retinal dystrophy by RPE65: voretigene, and readings of mobility test and acuity.

Its people come after those of the other diseases, with draws of their own, so that those are what
they would be without it.
"""

import numpy as np
import pandas as pd

from simulation.calendar import plus
from simulation.gene_therapy.parameters import RPE65, VORETIGENE, GeneTherapyParameters
from simulation.gene_therapy.series import dated, visits
from simulation.text import decimals, integers

_VISITS = {"baseline": -20, "M1": 30, "M3": 91, "M6": 182, "M12": 365, "M24": 730, "M36": 1095}
_BEST_LIGHT_LEVEL, _WORST_ACUITY = 6, 2.4


def people(
    frame: pd.DataFrame, rng: np.random.Generator, parameters: GeneTherapyParameters
) -> pd.DataFrame:
    """Adds birth, infusion (of the first eye), response and death; some are never treated."""
    law, size = parameters.retina, len(frame)
    decision = frame["decision_date"].to_numpy()
    dropped = rng.random(size) < law.drop_out
    infusion = plus(decision, np.where(dropped, np.inf, rng.integers(30, 120, size)))
    death = np.ceil(rng.exponential(365.0 / law.death_rate, size))
    return frame.assign(
        disease=RPE65,
        birth_date=plus(decision, -np.round(rng.uniform(4.0, 45.0, size) * 365.25)),
        product=VORETIGENE,
        order_date=plus(decision, np.full(size, 7.0)),
        infusion_date=infusion,
        drop_out_reason=np.where(dropped, "patient_choice", ""),
        success=(rng.random(size) < law.responders).astype(int),
        death_date=plus(infusion, np.where(death < 3000, death, np.inf)),
        death_cause=np.where(death < 3000, "other", ""),
    )


def readings(frame: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Observations: the light level passed (whole, -1 to 6) and the acuity (logMAR, low is good).

    A responder gains one to three levels within some months; acuity follows in few.
    """
    size, row = len(frame), frame.index.to_numpy()
    infusion = frame["infusion_date"].to_numpy().astype("datetime64[D]")
    treated = ~np.isnat(infusion)
    success = frame["success"].to_numpy() == 1
    level, acuity = rng.integers(0, 4, size), rng.uniform(0.4, 1.8, size)
    gain = np.where(success, rng.integers(1, 4, size), 0)
    sharper = np.where(success & (rng.random(size) < 0.3), 0.4, 0.0)
    begins = rng.integers(20, 200, size)
    parts = []
    for days in visits(size, _VISITS, rng).values():
        when = np.where(treated & (rng.random(size) > 0.1), days, np.inf)
        better = days >= begins
        passed = np.clip(level + np.where(better, gain, 0), -1, _BEST_LIGHT_LEVEL)
        seen = acuity - np.where(better, sharper, 0.0) + rng.normal(0.0, 0.05, size)
        seen = np.clip(seen, 0.0, _WORST_ACUITY)
        for code, value, unit in (
            ("mobility_test", integers(passed), "level"),
            ("visual_acuity", decimals(seen), "logMAR"),
        ):
            parts.append(dated(row, infusion, when, code=code, value=value, unit=unit))
    return pd.concat(parts)
