"""Digits of public estimates: as many as tell a result, and not one person more."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pandas as pd
import pytest

from analyses.disclosure.precision import in_digits, on_grid, significant


def test_estimates_have_three_digits_and_whole_numbers_stay() -> None:
    values = pd.Series([0.25413976774475083, 104.105, 1234.56, 38.0, -0.0004567, 0.0, np.nan])
    assert significant(values).tolist()[:-1] == [0.254, 104.0, 1235.0, 38.0, -0.000457, 0.0]
    frame = pd.DataFrame({"time_days": [123.4567], "aic": [1234.56], "hazard_ratio": [0.61234]})
    assert in_digits(frame).iloc[0].tolist() == [123.4567, 1234.6, 0.612]


@pytest.mark.parametrize(
    ("step", "grid"), [(0.009, 0.01), (0.01, 0.01), (0.011, 0.02), (1 / 38, 0.05), (7.0, 10.0)]
)
def test_a_grid_is_at_least_as_coarse_as_asked(step: float, grid: float) -> None:
    values = pd.Series(np.arange(0, 40) * step / 3)
    shown = on_grid(values, pd.Series(step, index=values.index))
    assert np.allclose(shown / grid, np.round(shown / grid))
    gaps = [after - before for before, after in pairwise(sorted(set(shown)))]
    assert min(gaps) == pytest.approx(grid)
