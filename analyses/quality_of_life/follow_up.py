"""From when and until when each person of a cohort was followed, and whether a death ended it.

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
    """time: days since the start (people); died: whether they ended with a death; stratum; entry:
    day they were registered on (left truncation; none: from the start)."""

    time: Floats
    died: Booleans
    stratum: np.ndarray
    entry: Floats | None = None

    @property
    def entries(self) -> Floats:
        """Days of registration, 0 where observation begins with the start."""
        return np.zeros(len(self.time)) if self.entry is None else self.entry

    @cached_property
    def _curve(self) -> pd.DataFrame:
        from analyses import survival

        frame = pd.DataFrame(
            {
                "time": self.time,
                "event": self.died.astype(int),
                "stratum": self.stratum,
                "entry": self.entries,
            }
        )[ever_at_risk(self.entries, self.time)]
        entry = "entry" if (frame["entry"] > 0).any() else None
        return survival.kaplan_meier(frame, entry=entry, by="stratum")

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

    def least_mortality(self, day: float) -> float:
        """The largest share of a stratum known to be dead by a day; 0 where nobody is.

        Kaplan-Meier at the last day of follow-up up to it: where a stratum is followed no further,
        more may have died by then, and this is the least.
        """
        reached = self._curve.loc[self._curve["time"] <= day, "survival"]
        return 1 - float(reached.min()) if len(reached) else 0.0


def ever_at_risk(entry: Floats, time: Floats) -> Booleans:
    """Who is at risk on some day of (entry, time]; an entry of 0 is from the start on."""
    return (entry <= 0) | (entry < time)


def follow_up_of(people: pd.DataFrame) -> FollowUp:
    """The follow-up of `inputs.people_of`, in its order; nobody ends before the start."""
    days = (people["end_of_follow_up"] - people["start_date"]).dt.days.to_numpy(dtype=float)
    return FollowUp(
        time=np.maximum(days, 0.0),
        died=people["death_date"].notna().to_numpy(),
        stratum=people["stratum"].to_numpy(),
        entry=people["entry_days"].to_numpy(dtype=float),
    )
