"""Which numbers of a study's exact tables are small: asked before any table is changed.

Belongs here: questions about the exact tables. Does not belong here: the answers' use
(release_*.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pandas as pd

from analyses.disclosure.counts import is_small

if TYPE_CHECKING:
    from analyses.survival.limits import ConfidenceType


@dataclass(frozen=True)
class StudyCounts:
    """The exact tables of one study or several, the threshold k and the base of rounding.

    conf_types: kind of confidence limits of each study's curves; log-log where not named.
    """

    tables: dict[str, pd.DataFrame]
    k: int
    rounding: int | None = None
    conf_types: Mapping[str, ConfidenceType] = field(default_factory=dict)

    def conf_type(self, study_id: str) -> ConfidenceType:
        """The kind of confidence limits of a study's curves."""
        return self.conf_types.get(study_id, "log-log")

    def differs_little(self, count: float, whole: float) -> bool:
        """Whether two shown numbers would tell a small one by their difference."""
        return is_small(abs(whole - count), self.k)

    def patients(self, study_id: str) -> int:
        """People in the study, by its attrition; 0 without one."""
        rows = self.tables["attrition"]
        rows = rows[rows["study_id"] == study_id]
        return int(rows["n_remaining"].iloc[-1]) if len(rows) else 0

    def stratum_size(self, study_id: str, stratum: str) -> int | None:
        """People in a stratum, by the baseline table; None when it does not say."""
        rows = self.tables["baseline"]
        found = rows.loc[
            (rows["study_id"] == study_id)
            & (rows["stratum"] == stratum)
            & (rows["variable"] == "patients"),
            "value",
        ]
        return int(found.iloc[0]) if len(found) else None

    def small_strata(self) -> set[tuple[str, str]]:
        """(study_id, stratum) of fewer than k people: their size must not follow from the total."""
        rows = self.tables["baseline"]
        sizes = rows[(rows["variable"] == "patients") & (rows["stratum"] != "overall")]
        small = sizes[sizes["value"].map(lambda size: is_small(size, self.k)).astype(bool)]
        return set(zip(small["study_id"], small["stratum"], strict=True))

    def few(self) -> set[tuple[str, str, str | None]]:
        """(study_id, endpoint, cause) of which some compared stratum has few people or events."""
        found: set[tuple[str, str, str | None]] = set()
        for name in ("survival_curve", "cumulative_incidence"):
            rows = self.tables[name]
            cause = rows["cause"] if "cause" in rows.columns else None
            # A weighted curve counts the same people once more.
            keys = ["study_id", "endpoint", "cause", "stratum", "analysis_set", "adjustment"]
            compared = rows.assign(cause=cause)[rows["stratum"] != "missing"]
            for key, curve in compared.groupby(keys, dropna=False):
                study_id, endpoint, of_cause, *_ = key
                events, people = curve["n_event"].sum(), curve["n_at_risk"].max()
                if is_small(events, self.k) or is_small(people, self.k):
                    found.add((study_id, endpoint, None if pd.isna(of_cause) else of_cause))
        return found

    def told_by_states(self) -> set[tuple[str, str]]:
        """(study_id, endpoint) whose groups by a later state are all of k people and events."""
        rows = self.tables["landmark_curve"]
        keys = ["study_id", "endpoint", "state", "method", "landmark_days", "stratum"]
        enough: dict[tuple[str, str], bool] = {}
        for key, group in rows.groupby(keys, dropna=False):
            small = min(group["n_event"].sum(), group["n_at_risk"].max()) < self.k
            enough[key[:2]] = enough.get(key[:2], True) and not small
        return {key for key, is_enough in enough.items() if is_enough}

    def few_censored(self) -> set[tuple[str, str]]:
        """(study_id, endpoint) whose numbers of events would tell a few people without one."""
        rows = self.tables["survival_curve"]
        keys = ["study_id", "endpoint", "stratum", "analysis_set", "adjustment"]
        censored = rows.groupby(keys)["n_censored"].sum()
        return {key[:2] for key, number in censored.items() if is_small(number, self.k)}
