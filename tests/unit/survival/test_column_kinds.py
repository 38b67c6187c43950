"""What a column is decides, not what holds it: numbers are numbers, dates are refused."""

import datetime as dt
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest

from analyses.errors import AnalysisError
from analyses.survival import cox, cumulative_incidence, kaplan_meier

TIMES = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0]
EVENTS = [1, 0, 1, 1, 0, 1]
SCORES = [3, 1, 2, 1, 2, 3]


def _cox(scores: object) -> pd.DataFrame:
    frame = pd.DataFrame({"time": TIMES, "event": EVENTS})
    frame["score"] = scores
    return cox(frame, covariates=["score"]).coefficients


@pytest.mark.parametrize(
    "scores",
    [
        pd.Series(SCORES, dtype="object"),
        [Decimal(value) for value in SCORES],
        pd.Series(SCORES, dtype="Int64"),
        pd.Series(SCORES, dtype="int64[pyarrow]"),
    ],
    ids=["objects", "decimals", "nullable", "arrow"],
)
def test_a_number_gives_one_slope_whatever_holds_it(scores: object) -> None:
    pd.testing.assert_frame_equal(_cox(scores), _cox(SCORES))


@pytest.mark.parametrize(
    "scores",
    [
        [dt.date(2025, 1, day) for day in range(1, 7)],
        pd.to_timedelta(SCORES, unit="D"),
        pd.date_range("2025-01-01", periods=6).astype("timestamp[ns][pyarrow]"),
    ],
    ids=["dates", "durations", "arrow timestamps"],
)
def test_a_covariate_of_dates_is_refused(scores: object) -> None:
    with pytest.raises(AnalysisError, match="'score' holds dates"):
        _cox(scores)


def test_times_that_are_arrow_timestamps_are_refused() -> None:
    time = pd.Series(pd.date_range("2025-01-01", periods=6)).astype("timestamp[ns][pyarrow]")
    with pytest.raises(AnalysisError, match="'time' holds dates"):
        kaplan_meier(pd.DataFrame({"time": time, "event": EVENTS}))


def test_complex_numbers_are_refused() -> None:
    with pytest.raises(AnalysisError, match="complex"):
        kaplan_meier(pd.DataFrame({"time": np.array(TIMES) + 1j, "event": EVENTS}))


@pytest.mark.parametrize("cause", [2**53, 2**63])
def test_causes_that_floating_point_cannot_tell_apart_are_refused(cause: int) -> None:
    frame = pd.DataFrame({"time": [1.0, 2.0], "cause": pd.Series([cause, 0], dtype="object")})
    with pytest.raises(AnalysisError, match=r"'cause'.*too large"):
        cumulative_incidence(frame)
