"""How far each treatment came on the road to the infusion: what a perfect reader must find.

Told once more and independently of the pipeline; what is known of whom, each source knows.
"""

import numpy as np
import pandas as pd

STEPS = ("discussed", "eligible", "ordered", "apheresed", "manufactured", "infused")
OF_OWN_CELLS = ("apheresed", "manufactured")
_NEVER = np.datetime64("NaT", "ns")


def true_populations(
    key: pd.Series,
    dates: dict[str, pd.Series],
    *,
    own_cells: np.ndarray | bool = True,
) -> pd.DataFrame:
    """One row a treatment and population it belongs to: key, population, reached_date.

    dates: population -> day reached, NaT where it was not or the source does not tell. Who reached
    a step reached those before it; only products of one's own cells have an apheresis and a batch.
    """
    belongs, days = {}, {}
    further = np.zeros(len(key), dtype=bool)
    for step in reversed(STEPS):
        day = pd.to_datetime(dates[step]).to_numpy() if step in dates else _NEVER
        days[step] = np.broadcast_to(day, len(key))
        further = further | ~np.isnat(days[step]) | (step == "discussed")
        belongs[step] = further & (own_cells if step in OF_OWN_CELLS else True)
    return pd.DataFrame(
        {
            "key": np.concatenate([key.to_numpy()[belongs[step]] for step in STEPS]),
            "population": np.repeat(STEPS, [int(belongs[step].sum()) for step in STEPS]),
            "reached_date": np.concatenate([days[step][belongs[step]] for step in STEPS]),
        }
    )
