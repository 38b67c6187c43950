"""How long each person of a cohort was followed, and whether it ended with a death.

What the estimands that count deaths need beside the scores. Survival itself is estimated by
`analyses.survival`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from analyses.quality_of_life.answers import Booleans, Floats


@dataclass(frozen=True)
class FollowUp:
    """time: days since the start (people); died: whether they ended with a death; stratum."""

    time: Floats
    died: Booleans
    stratum: np.ndarray

    @cached_property
    def _curve(self) -> pd.DataFrame:
        from analyses import survival

        frame = pd.DataFrame({"time": self.time, "event": self.died, "stratum": self.stratum})
        return survival.kaplan_meier(frame.astype({"event": int}), by="stratum")

    def alive_at(self, days: Sequence[float]) -> pd.DataFrame:
        """Kaplan-Meier survival by stratum: stratum, time, survival, std_error (Greenwood).

        Empty beyond the last day of follow-up with somebody alive.
        """
        from analyses import survival

        asked = [day for day in days if day > 0]
        found = survival.survival_at(self._curve, asked).rename(columns={"horizon": "time"})
        start = pd.DataFrame({"stratum": np.unique(self.stratum), "time": 0.0}).assign(
            survival=1.0, std_error=0.0
        )
        columns = ["stratum", "time", "survival", "std_error"]
        return pd.concat([start[columns], found[columns]], ignore_index=True)


def follow_up_of(people: pd.DataFrame) -> FollowUp:
    """The follow-up of `inputs.people_of`, in its order; nobody ends before the start."""
    days = (people["end_of_follow_up"] - people["start_date"]).dt.days.to_numpy(dtype=float)
    return FollowUp(
        time=np.maximum(days, 0.0),
        died=people["death_date"].notna().to_numpy(),
        stratum=people["stratum"].to_numpy(),
    )
