"""EQ-5D-5L of adults, some visits on the registry's own forms and some in the ePRO system."""

import numpy as np
import pandas as pd

from simulation.gene_therapy.series import dated, visits
from simulation.quality_of_life.instruments import EQ5D_ITEMS, eq5d_levels, vas

_VISITS = {"baseline": -20, "M3": 91, "M6": 182, "M12": 365, "M18": 548, "M24": 730, "M36": 1095}
_IN_EPRO = ("M3", "M6", "M18")


def adult_forms(
    frame: pd.DataFrame, gain: np.ndarray, rng: np.random.Generator
) -> dict[str, pd.DataFrame]:
    """Forms of those of 18 years and more at the visit; `gain` is added to health from M6 on."""
    size, row = len(frame), frame.index.to_numpy()
    infusion = frame["infusion_date"].to_numpy().astype("datetime64[D]")
    birth = frame["birth_date"].to_numpy().astype("datetime64[D]")
    person = rng.normal(0.5, 0.6, size)
    tables = []
    for name, days in visits(size, _VISITS, rng).items():
        age = ((infusion - birth).astype(float) + days) / 365.25
        asked = (rng.random(size) > 0.12) & (age >= 18) & ~np.isnat(infusion)
        health = person + np.where(days > 150, gain, 0.0) + rng.normal(0.0, 0.4, size)
        levels = np.column_stack([eq5d_levels(health, rng), vas(health, rng)])[asked]
        answers = pd.DataFrame(levels.astype(str).astype(object), columns=[*EQ5D_ITEMS, "vas"])
        table = dated(
            row[asked],
            infusion[asked],
            days[asked],
            visit=name,
            respondent="self",
            in_epro=name in _IN_EPRO,
        )
        tables.append(pd.concat([table, answers], axis=1))
    return {"eq-5d-5l": pd.concat(tables)}
