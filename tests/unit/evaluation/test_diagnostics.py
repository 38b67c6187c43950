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
        {"diagnostic": [f"kind_{n}: day {n}" for n in range(len(statuses))], "status": statuses}
    )
    result = _check_result("s", diagnostics)
    assert result.passed == passed
    assert result.severity.value == severity
    rows = _check_rows("s", diagnostics)
    assert [row.check for row in rows] == [f"kind_{n}" for n in range(len(statuses))]
    assert [row.severity for row in rows if row.status != "passed"] == [
        "ERROR" if status == "fail" else "WARN" for status in statuses if status != "pass"
    ]
