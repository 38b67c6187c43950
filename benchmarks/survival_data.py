"""Data of the survival benchmarks: whole days over ten years, so that ties are many."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

COVARIATES = [f"x{number}" for number in range(10)]


def follow_up(rows: int, hazard: Any = 1 / 1000) -> pd.DataFrame:
    generator = np.random.default_rng(20)
    end = np.ceil(generator.exponential(1 / np.broadcast_to(hazard, rows)))
    stop = np.ceil(generator.uniform(100, 3650, rows))
    return pd.DataFrame({"time": np.minimum(end, stop), "event": (end <= stop).astype(np.int64)})


def in_two_arms(rows: int) -> pd.DataFrame:
    arm = np.arange(rows) % 2
    return follow_up(rows, (1 + 0.02 * arm) / 1000).assign(arm=arm)


def in_strata(rows: int) -> pd.DataFrame:
    return follow_up(rows).assign(stratum=np.arange(rows) // 200)


def with_causes(rows: int) -> pd.DataFrame:
    frame = follow_up(rows)
    kind = np.random.default_rng(21).integers(1, 3, rows)
    return frame.assign(cause=frame["event"] * kind)


def with_covariates(rows: int) -> pd.DataFrame:
    x = np.random.default_rng(22).normal(size=(rows, len(COVARIATES)))
    hazard = np.exp(x @ np.linspace(-0.3, 0.3, len(COVARIATES))) / 1000
    return follow_up(rows, hazard).join(pd.DataFrame(x, columns=COVARIATES))


def weighted(rows: int) -> pd.DataFrame:
    generator = np.random.default_rng(23)
    x = generator.normal(size=rows)
    share = 1 / (1 + np.exp(-x))
    arm = (generator.random(rows) < share).astype(np.int64)
    weight = np.where(arm == 1, 1 / share, 1 / (1 - share))
    return follow_up(rows, np.exp(-0.3 * arm + 0.5 * x) / 1000).assign(arm=arm, weight=weight)
