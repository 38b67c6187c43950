"""What is computed from withheld cells is withheld with them: standardised mean differences."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from analyses.disclosure import DEFAULT_THRESHOLD, SuppressionPolicy, suppress_results
from analyses.results import RESULT_TABLES

K = DEFAULT_THRESHOLD


def baseline_of(sizes: dict[str, int], women: dict[str, int], reference: str) -> pd.DataFrame:
    """Sex and age of strata, with differences from the reference, and of all under `overall`."""
    everybody = {**sizes, "overall": sum(sizes.values())}
    of_sex = {**women, "overall": sum(women.values())}
    rows = []
    for stratum, size in everybody.items():
        smd = np.nan if stratum == reference else 0.25
        rows.append((stratum, "patients", None, "n", size, np.nan))
        for level, n in (("F", of_sex[stratum]), ("M", size - of_sex[stratum])):
            rows.append((stratum, "sex", level, "n", n, smd))
            rows.append((stratum, "sex", level, "percent", 100 * n / size, smd))
        rows.append((stratum, "age", None, "n", size, smd))
        rows.append((stratum, "age", None, "mean", 60.0, smd))
    columns = ["stratum", "variable", "level", "statistic", "value", "smd"]
    return pd.DataFrame(rows, columns=columns).assign(study_id="s")


def balance() -> pd.DataFrame:
    rows = [("sex", "F"), ("age", None), ("covariate:of_nowhere", None)]
    frame = pd.DataFrame(rows, columns=["variable", "level"])
    frame = frame.assign(study_id="s", smd_before=0.3, smd_after=0.1)
    return frame.reindex(columns=RESULT_TABLES["balance"].names)


def released(exact: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    shown = suppress_results({"baseline": exact, "balance": balance()}, SuppressionPolicy(K))
    return shown["baseline"], shown["balance"]


@pytest.mark.parametrize(("women", "told"), [(K - 1, False), (K, True), (K + 1, True)])
def test_a_difference_goes_with_a_cell_it_is_made_of(women: int, told: bool) -> None:
    exact = baseline_of({"axi": 28, "tisa": 20}, {"axi": 16, "tisa": women}, "axi")
    shown, groups = released(exact)
    of_sex = shown[(shown["variable"] == "sex") & (shown["stratum"] != "axi")]
    assert of_sex["smd"].notna().all() == told
    assert of_sex["smd"].isna().all() != told
    of_age = shown[(shown["variable"] == "age") & (shown["stratum"] == "tisa")]
    assert of_age["smd"].notna().all()
    groups = groups.set_index("variable")
    assert groups.loc["sex", ["smd_before", "smd_after"]].notna().all() == told
    assert groups.loc["age", ["smd_before", "smd_after"]].notna().all()
    assert groups.loc["covariate:of_nowhere", ["smd_before", "smd_after"]].isna().all()


@pytest.mark.parametrize(("few", "told"), [(K - 1, False), (K, True), (K + 1, True)])
def test_no_difference_from_a_withheld_reference_is_told(few: int, told: bool) -> None:
    exact = baseline_of({"few": few, "a": 40, "b": 50}, {"few": 0, "a": 20, "b": 20}, "few")
    shown, _ = released(exact)
    differences = shown.loc[shown["stratum"].isin(["a", "b"]), "smd"]
    assert differences.notna().any() == told


def test_a_difference_of_shown_strata_stays_beside_a_withheld_one() -> None:
    exact = baseline_of({"a": 40, "b": 50, "few": 2}, {"a": 20, "b": 20, "few": 1}, "a")
    shown, _ = released(exact)
    by_stratum = shown[shown["variable"] == "sex"].groupby("stratum")["smd"]
    assert by_stratum.count().to_dict() == {"a": 0, "b": 4, "withheld": 0, "overall": 0}
