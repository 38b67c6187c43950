"""Graft-versus-host disease of the few members who had a graft of somebody else before.

Apart from the other episodes, with draws of its own: what is told of those depends on none of this.
Shares are assumed.
"""

import numpy as np
import pandas as pd

from simulation.streams import stream
from simulation.transplant.episodes import of_kind

_GRAFTED_BEFORE = 0.12
_ACUTE, _CHRONIC = 0.35, 0.3


def gvhd(members: pd.DataFrame, seed: int) -> pd.DataFrame:
    """True episodes with the columns of `episodes.episodes`: acute ones graded by MAGIC (1 to 4),
    chronic ones by NIH severity (1 to 3)."""
    size, rng = len(members), stream(seed, "transplant.gvhd")
    grafted = rng.random(size) < _GRAFTED_BEFORE
    infusion = members["infusion_date"].to_numpy().astype("datetime64[D]")
    death = members["death_date"].to_numpy().astype("datetime64[D]")
    parts = []
    for kind, share, days, worst, lasts in (
        ("acute_gvhd", _ACUTE, (10, 90), 4, (10, 91)),
        ("chronic_gvhd", _CHRONIC, (100, 400), 3, (60, 700)),
    ):
        onset = infusion + rng.integers(*days, size).astype("timedelta64[D]")
        ill = grafted & (rng.random(size) < share) & ~(onset >= death)
        length = rng.integers(*lasts, size).astype(float)
        grade = rng.integers(1, worst + 1, size)
        onset = np.where(ill, onset, np.datetime64("NaT", "D"))
        parts.append(of_kind(members, kind, onset, length, grade))
    out = pd.concat(parts, ignore_index=True)
    out = out[out["onset_date"].notna()]
    return out.sort_values(["registry_id", "kind", "onset_date"], kind="stable", ignore_index=True)
