"""Follow-up as a parametric likelihood takes it: checked, reduced to distinct weighted rows.

Belongs here: reading a frame, grouping equal rows. Does not belong here: the likelihood.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from analyses.errors import AnalysisError
from analyses.survival import columns
from analyses.survival.arrays import Booleans, Floats


@dataclass(frozen=True)
class Sample:
    """Distinct rows: at risk in (entry, time], `event` at `time`, standing for `weight` people.

    `design`: rows by terms, numbers, no intercept. `background`: expected hazard of the general
    population at `time`, per unit of time; 0 without one. `n`, `n_event` count people.
    """

    entry: Floats
    time: Floats
    event: Booleans
    weight: Floats
    background: Floats
    design: Floats
    terms: tuple[str, ...]
    n: int
    n_event: int

    @property
    def person_time(self) -> float:
        """Weighted time at risk."""
        return float(np.sum(self.weight * (self.time - self.entry)))

    @property
    def events(self) -> float:
        """Weighted number of events."""
        return float(np.sum(self.weight[self.event]))

    @property
    def event_times(self) -> Floats:
        """Distinct event times with, in the same order, `event_weights`."""
        times: Floats = np.unique(self.time[self.event])
        return times


def sample_of(
    frame: pd.DataFrame,
    *,
    time: str = "time",
    event: str = "event",
    entry: str | None = None,
    weight: str | None = None,
    background: str | None = None,
    covariates: Sequence[str] = (),
) -> Sample:
    """The sample of a frame; rows that are alike become one row with the sum of their weights.

    Raises `AnalysisError` for a time that is missing, negative or not finite, and for an event at
    time 0: no continuous model gives it a probability (R's `survreg` refuses it too). A person
    censored at 0 was never observed and is left out; so is a row of weight 0.
    """
    duration = columns.times(frame, time)
    happened = columns.indicator(frame, event)
    start = np.zeros(len(frame)) if entry is None else columns.entries(frame, entry, duration, time)
    mass = np.ones(len(frame)) if weight is None else columns.weights(frame, weight)
    rate = np.zeros(len(frame)) if background is None else columns.times(frame, background)
    coded = {term: x for name in covariates for term, x in _coded(frame, name).items()}
    columns.refuse(time, (duration == 0) & happened, "0 with an event (shift it, or leave it out)")
    kept = (duration > 0) & (mass > 0)
    table = pd.DataFrame(
        {
            "entry": start,
            "time": duration,
            "event": happened,
            "background": np.where(happened, rate, 0.0),
            **{f"x{place}": values for place, values in enumerate(coded.values())},
        }
    )[kept]
    if table.empty:
        raise AnalysisError("nobody is at risk: every row ends at time 0 or has weight 0")
    for place, term in enumerate(coded):
        if np.ptp(table[f"x{place}"].to_numpy()) == 0:
            raise AnalysisError(f"covariate '{term}' is constant: leave it out")
    keys = list(table.columns)
    grouped = table.assign(weight=mass[kept]).groupby(keys, sort=True)["weight"].sum().reset_index()
    return Sample(
        entry=grouped["entry"].to_numpy(dtype=np.float64),
        time=grouped["time"].to_numpy(dtype=np.float64),
        event=grouped["event"].to_numpy(dtype=bool),
        weight=grouped["weight"].to_numpy(dtype=np.float64),
        background=grouped["background"].to_numpy(dtype=np.float64),
        design=grouped[[f"x{place}" for place in range(len(coded))]].to_numpy(dtype=np.float64),
        terms=tuple(coded),
        n=int(kept.sum()),
        n_event=int(happened[kept].sum()),
    )


def _coded(frame: pd.DataFrame, name: str) -> dict[str, Floats]:
    """The columns of a covariate: numbers as they are, levels as 0/1 against the first one.

    The first level is the first category of a categorical column, else the first by name.
    """
    column = columns.present(frame, name)
    if pd.api.types.is_numeric_dtype(column):
        return {name: columns.numbers(frame, name)}
    columns.refuse(name, column.isna().to_numpy(), "missing")
    categorical = isinstance(column.dtype, pd.CategoricalDtype)
    levels = list(column.cat.categories) if categorical else sorted(column.unique())
    return {f"{name}={level}": (column == level).to_numpy(dtype=np.float64) for level in levels[1:]}
