"""Each diagnostic of the preconditions of a survival analysis: where it passes, where it does not.

Influential centres, informative censoring and events per term are in test_survival_options.py, cure
fractions in test_extrapolation.py.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from analyses.evaluation.findings import AT_RISK_FEW, NON_PROPORTIONAL
from tests.lib.marts import Marts
from tests.lib.studies import evaluated, found, two_arms

ASKED: dict[str, Any] = {"stratify_by": "product", "endpoints": ("overall_survival",)}


def crossing(people: int = 400) -> Marts:
    """Two products whose hazards cross: late deaths of one, early ones of the other."""
    random = np.random.default_rng(3)
    marts = Marts().source()
    for number in range(people):
        shape = 0.6 if number % 2 else 2.5
        death = 1 + int(400 * random.weibull(shape))
        last, died = min(death, 700), "death" if death <= 700 else None
        outcomes = {"overall_survival": (last, died)}
        marts.person(f"p{number:03d}", product="b" if number % 2 else "a", outcomes=outcomes)
    return marts


@pytest.mark.parametrize(("horizon", "status"), [(100, "pass"), (650, "warn")])
def test_people_at_risk_at_a_horizon_are_counted_in_the_smallest_stratum(
    horizon: int, status: str
) -> None:
    tables = evaluated(two_arms(), **ASKED, horizons_days=(horizon,)).tables
    told = found(tables, "number_at_risk").iloc[0]
    curve = tables["survival_curve"]
    least = min(
        max([0, *of.loc[of["time_days"] >= horizon, "n_at_risk"]])
        for _, of in curve.groupby("stratum")
    )
    assert told["value"] == least
    assert told["threshold"] == AT_RISK_FEW
    assert told["status"] == status


@pytest.mark.parametrize(("horizon", "status"), [(300, "pass"), (1500, "warn")])
def test_follow_up_is_mature_when_half_of_a_stratum_was_followed_to_the_horizon(
    horizon: int, status: str
) -> None:
    tables = evaluated(two_arms(), **ASKED, horizons_days=(horizon,)).tables
    told = found(tables, "follow_up_maturity")
    assert told["status"].tolist() == [status, status]
    medians = tables["survival_summary"].query("statistic == 'follow_up_median'")["value"]
    assert sorted(told["value"]) == sorted(medians)
    assert (told["threshold"] == horizon).all()


def competing() -> Marts:
    """Arm a: relapses, deaths and censorings to day 320; arm b: everybody has an event by 160."""
    marts = Marts().source()
    for number in range(32):
        arm, step = "ab"[number % 2], 20 * (number // 2 + 1)
        cause = ("relapse", "death", None, None)[number // 2 % 4]
        if arm == "b":
            step, cause = step // 2, ("relapse", "death")[number // 2 % 2]
        outcomes = {"overall_survival": (step, None), "relapse": (step, cause)}
        marts.person(f"p{number:02d}", product=arm, outcomes=outcomes)
    return marts


def test_under_competing_events_follow_up_ends_with_any_event() -> None:
    asked = {**ASKED, "endpoints": ("relapse",)}
    told = found(evaluated(competing(), **asked, horizons_days=(200,)).tables, "follow_up_maturity")
    by_arm = {text[-1]: of for text, of in told.set_index("diagnostic").iterrows()}
    # The ends of observation of arm a: days 60, 80, 140, 160, 220, 240, 300, 320, of 14, 13, 10, 9,
    # 6, 5, 2 and 1 people: less than half is left on day 240.
    left = np.cumprod([1 - 1 / n for n in (14, 13, 10, 9, 6, 5, 2, 1)])
    assert left[4] > 0.5 > left[5]
    assert (by_arm["a"]["value"], by_arm["a"]["status"]) == (240, "pass")
    # Nobody of arm b was observed to its end without an event: the median is not known.
    assert np.isnan(by_arm["b"]["value"])
    assert by_arm["b"]["status"] == "warn"
    late = found(evaluated(competing(), **asked, horizons_days=(300,)).tables, "follow_up_maturity")
    assert late["status"].tolist() == ["warn", "warn"]


def test_under_competing_events_a_horizon_beyond_the_data_is_told() -> None:
    asked = {**ASKED, "endpoints": ("relapse",)}
    tables = evaluated(competing(), **asked, horizons_days=(300, 365)).tables
    told = found(tables, "horizon_beyond_data")
    # With every cause together nobody of arm b is left: its incidences go on as they are.
    assert told["diagnostic"].tolist() == ["horizon_beyond_data: day 365, stratum a"]
    assert told[["value", "threshold"]].to_numpy().tolist() == [[320, 365]]
    assert told["endpoint"].tolist() == ["relapse"]


def test_crossing_hazards_are_not_proportional() -> None:
    told = found(evaluated(crossing(), **ASKED).tables, "proportional_hazards").iloc[0]
    assert told["status"] == "warn"
    assert told["value"] < NON_PROPORTIONAL == told["threshold"]
    calm = found(evaluated(two_arms(), **ASKED).tables, "proportional_hazards").iloc[0]
    assert calm["status"] == "pass"
    assert calm["value"] >= NON_PROPORTIONAL


@pytest.mark.parametrize(
    ("statuses", "passed", "severity"),
    [
        (["pass", "pass"], True, "WARN"),
        (["pass", "warn"], False, "WARN"),
        (["pass", "warn", "fail"], False, "ERROR"),
    ],
)
def test_dagster_shows_them_as_a_check_of_their_worst_status(
    statuses: list[str], passed: bool, severity: str
) -> None:
    from orchestration.assets.evaluations import _check_result, _check_rows

    diagnostics = pd.DataFrame(
        {
            "diagnostic": [f"kind_{n}: day {n}" for n in range(len(statuses))],
            "status": statuses,
            "endpoint": "overall_survival",
        }
    )
    result = _check_result("s", diagnostics)
    assert result.passed == passed
    assert result.severity.value == severity
    rows = _check_rows("s", diagnostics)
    assert [row.check for row in rows] == [f"kind_{n}" for n in range(len(statuses))]
    assert [row.severity for row in rows if row.status != "passed"] == [
        "ERROR" if status == "fail" else "WARN" for status in statuses if status != "pass"
    ]


def test_the_check_of_dagster_tells_the_worst_status_of_each_kind_and_no_value() -> None:
    from orchestration.assets.evaluations import _check_result

    rows = [
        ("number_at_risk: day 365", "pass", "overall_survival", 40.0),
        ("number_at_risk: day 730", "warn", "relapse", 4.0),
        ("number_at_risk: day 365", "warn", "overall_survival", 7.0),
        ("later_treatments", "pass", None, 3.0),
        ("analysis_failed: regression: column 'x' is missing", "fail", "relapse", None),
        ("horizon_beyond_data: day 730, stratum rare", "warn", "relapse", 613.0),
        ("analysis_failed: safety: no rates", "fail", None, None),
        ("influential_centre: change of survival, without centre c7", "warn", "relapse", 1.5),
    ]
    names = ["diagnostic", "status", "endpoint", "value"]
    result = _check_result("s", pd.DataFrame(rows, columns=names))
    told = {key: value.value for key, value in result.metadata.items()}
    kinds = {key: value for key, value in told.items() if key not in ("pass", "warn", "fail")}
    assert list(kinds.items()) == [
        ("analysis_failed", "fail: 2 of 2 (relapse)"),
        ("number_at_risk", "warn: 2 of 3 (overall_survival, relapse)"),
        ("horizon_beyond_data", "warn: 1 of 1 (relapse)"),
        ("influential_centre", "warn: 1 of 1 (relapse)"),
        ("later_treatments", "pass: 1 of 1"),
    ]
    assert (told["pass"], told["warn"], told["fail"]) == (2, 4, 2)
    assert result.severity.value == "ERROR"
