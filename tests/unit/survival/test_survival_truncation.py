"""Curves end where too few are left, and are otherwise what they were."""

import pandas as pd
import pytest

from analyses.errors import AnalysisError
from analyses.survival import cumulative_incidence, kaplan_meier, truncate_curve
from tests.lib.parity_tables import lung, macs


def test_each_group_ends_with_the_last_time_of_enough_people() -> None:
    whole = kaplan_meier(lung(), by="sex")
    cut = kaplan_meier(lung(), by="sex", min_at_risk=20)
    expected = whole[whole["n_at_risk"] >= 20].reset_index(drop=True)
    pd.testing.assert_frame_equal(cut, expected)
    assert cut.groupby("sex")["time"].max().nunique() == 2
    shuffled = truncate_curve(whole.sample(frac=1, random_state=1), 20)
    pd.testing.assert_frame_equal(shuffled.sort_values(["sex", "time"], ignore_index=True), cut)


def test_all_causes_end_together() -> None:
    cut = cumulative_incidence(lung(), min_at_risk=50)
    assert cut.groupby("cause")["time"].max().nunique() == 1
    assert cut["n_at_risk"].min() == 50


def test_few_at_the_start_under_late_entry_do_not_end_a_curve() -> None:
    whole = kaplan_meier(macs(), entry="entry")
    assert whole["n_at_risk"].iloc[0] < whole["n_at_risk"].max()
    cut = truncate_curve(whole, int(whole["n_at_risk"].iloc[0]) + 1)
    assert cut["time"].iloc[0] == whole["time"].iloc[0]
    assert 0 < len(cut) < len(whole)


def test_a_group_never_large_enough_is_gone_and_nonsense_is_refused() -> None:
    assert kaplan_meier(lung(), min_at_risk=1000).empty
    assert truncate_curve(kaplan_meier(lung()).iloc[:0], 5).empty
    with pytest.raises(AnalysisError, match="1 or more"):
        kaplan_meier(lung(), min_at_risk=0)
    with pytest.raises(AnalysisError, match="takes a curve"):
        truncate_curve(lung(), 5)
