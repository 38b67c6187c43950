"""Curves, summaries and tests equal those of R, on public and on tie-heavy tables.

Golden results: `golden/*.csv`, made by `golden/survival.R` (versions in `golden/versions.txt`).
"""

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

from analyses.survival import (
    cumulative_incidence,
    follow_up_median,
    kaplan_meier,
    log_rank,
    median_survival,
    restricted_mean,
)
from tests.lib.parity_tables import GOLDEN, TABLES

EXACT = 1e-8


def golden(method: str, case: str) -> pd.DataFrame:
    every = pd.read_csv(GOLDEN / f"{method}.csv", dtype={"group": str, "case": str})
    rows = every[every["case"] == case].reset_index(drop=True)
    assert len(rows), f"no case {case} in {method}.csv"
    return rows


def labelled(result: pd.DataFrame, before: str) -> pd.DataFrame:
    """The result with one column `group`, the levels joined as R's script writes them."""
    names = list(result.columns[: list(result.columns).index(before)])
    if not names:
        return result.assign(group=np.nan)
    group = result[names].astype(str).agg("|".join, axis=1)
    return result.assign(group=group)


def compare(
    mine: pd.DataFrame, theirs: pd.DataFrame, keys: list[str], names: dict[str, str]
) -> None:
    """Row by row. Where R has no value, ours is missing too, or the estimate is certain."""
    ours = mine.rename(columns={name: f"my_{name}" for name in mine.columns if name not in keys})
    if "time" in keys:
        # R's timefix moves a time by a rounding error.
        theirs, ours = (frame.assign(time=frame["time"].round(9)) for frame in (theirs, ours))
    both = theirs.merge(ours, on=keys, how="outer", indicator=True)
    assert (both["_merge"] == "both").all()
    for their_name, my_name in names.items():
        expected = both[their_name].to_numpy(dtype=float)
        got = both[f"my_{my_name}"].to_numpy(dtype=float)
        known = ~np.isnan(expected)
        np.testing.assert_allclose(
            got[known], expected[known], rtol=EXACT, atol=EXACT, err_msg=my_name
        )
        np.testing.assert_array_equal(got[~known], without_r(both[~known], my_name))


def without_r(rows: pd.DataFrame, name: str) -> np.ndarray:
    """What is expected where R has nothing: at survival 1 and incidence 0 the limits are the
    estimate, at survival 0 the standard error is 0; all else is missing."""
    expected = np.full(len(rows), np.nan)
    if name in ("ci_lower", "ci_upper"):
        if "my_survival" in rows:
            expected[rows["my_survival"] == 1] = 1.0
        if "my_incidence" in rows:
            expected[rows["my_incidence"] == 0] = 0.0
    if name == "std_error" and "my_survival" in rows:
        expected[rows["my_survival"] == 0] = 0.0
    return expected


CURVES: dict[str, dict[str, Any]] = {
    "rossi": {},
    "rossi_by_fin": {"by": "fin"},
    "rossi_whole": {"by": "fin", "weight": "whole_weight"},
    "rossi_half": {"by": "fin", "weight": "half_weight"},
    "lung_by_sex": {"by": "sex"},
    "lung_log": {"by": "sex", "conf_type": "log"},
    "lung_plain": {"by": "sex", "conf_type": "plain", "confidence": 0.9},
    "gbsg2_by_two": {"by": ["horTh", "tgrade"]},
    "macs_entry": {"entry": "entry"},
    "macs_entry_by": {"entry": "entry", "by": "group"},
    "ties_by_group": {"by": "group"},
    "ties_entry": {"entry": "entry", "by": "group"},
    "ties_entry_whole": {"entry": "entry", "by": "group", "weight": "whole_weight"},
    "ties_half": {"by": "group", "weight": "half_weight"},
    "ties_entry_half": {"entry": "entry", "by": "group", "weight": "half_weight"},
    "zero_time": {},
    "zero_time_by": {"by": "group"},
}


def table_of(case: str) -> pd.DataFrame:
    return TABLES[max((name for name in TABLES if case.startswith(name)), key=len)]()


@pytest.mark.parametrize("case", CURVES)
def test_kaplan_meier_equals_survfit(case: str) -> None:
    options = CURVES[case]
    mine = labelled(kaplan_meier(table_of(case), **options), "time")
    weighted = "weight" in options
    names = {
        "n_risk": "weighted_at_risk" if weighted else "n_at_risk",
        "n_event": "weighted_event" if weighted else "n_event",
        "survival": "survival",
        "std_error": "std_error",
        "ci_lower": "ci_lower",
        "ci_upper": "ci_upper",
    }
    if not weighted:
        names["n_censor"] = "n_censored"
    compare(mine, golden("kaplan_meier", case), ["group", "time"], names)


INCIDENCES: dict[str, dict[str, Any]] = {
    "rossi": {"by": "fin"},
    "rossi_half": {"by": "fin", "weight": "half_weight"},
    "lung": {"by": "sex"},
    "lung_log": {"by": "sex", "conf_type": "log"},
    "gbsg2": {"conf_type": "plain"},
    "ties": {"by": "group"},
    "ties_entry": {"by": "group", "entry": "entry"},
    "ties_half": {"by": "group", "weight": "half_weight"},
    "ties_entry_half": {"by": "group", "entry": "entry", "weight": "half_weight"},
    "ties_whole": {"by": "group", "weight": "whole_weight"},
    "ties_entry_whole": {"by": "group", "entry": "entry", "weight": "whole_weight"},
}


@pytest.mark.parametrize("case", INCIDENCES)
def test_cumulative_incidence_equals_multi_state_survfit(case: str) -> None:
    options = INCIDENCES[case]
    mine = labelled(cumulative_incidence(table_of(case), **options), "cause")
    # R counts people here, also under weights; rows written out stand for whole weights.
    repeated = case.endswith("whole")
    names = {
        "n_risk": "weighted_at_risk" if repeated else "n_at_risk",
        "n_event": "weighted_event" if repeated else "n_event",
        "incidence": "incidence",
        "std_error": "std_error",
        "ci_lower": "ci_lower",
        "ci_upper": "ci_upper",
    }
    compare(mine, golden("cumulative_incidence", case), ["group", "cause", "time"], names)


@pytest.mark.parametrize("case", ["lung", "ties", "rossi"])
def test_cumulative_incidence_equals_cuminc(case: str) -> None:
    """An estimate of another package, `cmprsk`."""
    mine = cumulative_incidence(table_of(case))
    compare(mine, golden("cuminc", case), ["cause", "time"], {"incidence": "incidence"})


MEDIANS: dict[str, tuple[Callable[..., pd.DataFrame], dict[str, Any]]] = {
    "rossi": (median_survival, {"by": "fin"}),
    "lung": (median_survival, {"by": "sex"}),
    "gbsg2": (median_survival, {"by": "horTh"}),
    "macs": (median_survival, {"by": "group", "entry": "entry"}),
    "ties": (median_survival, {"by": "group"}),
    "zero_time": (median_survival, {}),
    "zero_time_by": (median_survival, {"by": "group"}),
    "lung_follow_up": (follow_up_median, {"by": "sex"}),
    "gbsg2_follow_up": (follow_up_median, {"by": "horTh"}),
}


@pytest.mark.parametrize("case", MEDIANS)
def test_median_and_limits_equal_those_of_survfit(case: str) -> None:
    estimate, options = MEDIANS[case]
    mine = labelled(estimate(table_of(case), **options), "median")
    names = {name: name for name in ("median", "ci_lower", "ci_upper")}
    compare(mine, golden("median", case), ["group"], names)


RESTRICTED: dict[str, dict[str, Any]] = {
    "rossi": {"by": "fin", "horizon": [40, 52]},
    "lung": {"by": "sex", "horizon": 365},
    "gbsg2": {"by": "horTh", "horizon": 1826.5},
    "macs": {"entry": "entry", "horizon": 6},
    "ties": {"by": "group", "horizon": 5.5},
}


@pytest.mark.parametrize("case", RESTRICTED)
def test_restricted_mean_equals_that_of_survfit(case: str) -> None:
    mine = labelled(restricted_mean(table_of(case), **RESTRICTED[case]), "horizon")
    names = {"rmst": "rmst", "std_error": "std_error"}
    compare(mine, golden("restricted_mean", case), ["group", "horizon"], names)


TESTS: dict[str, dict[str, Any]] = {
    "rossi": {"by": "fin"},
    "rossi_strata": {"by": "fin", "strata": "race"},
    "lung": {"by": "sex"},
    "lung_strata": {"by": "sex", "strata": "ecog"},
    "gbsg2_three": {"by": "tgrade"},
    "gbsg2_strata": {"by": "tgrade", "strata": "horTh"},
    "gbsg2_two": {"by": ["horTh", "tgrade"]},
    "ties": {"by": "group"},
    "ties_strata": {"by": "group", "strata": "stratum"},
    "ties_entry": {"by": "group", "entry": "entry"},
    "ties_entry_strata": {"by": "group", "entry": "entry", "strata": "stratum"},
    "macs_entry": {"by": "group", "entry": "entry"},
}


@pytest.mark.parametrize("case", TESTS)
def test_log_rank_equals_survdiff(case: str) -> None:
    """With late entry, which `survdiff` does not take: Cochran-Mantel-Haenszel over event times."""
    mine = log_rank(table_of(case), **TESTS[case])
    theirs = golden("log_rank", case).iloc[0]
    assert mine.statistic == pytest.approx(theirs["statistic"], rel=EXACT)
    assert mine.degrees_of_freedom == theirs["degrees_of_freedom"]
    assert mine.p_value == pytest.approx(theirs["p_value"], rel=EXACT)
