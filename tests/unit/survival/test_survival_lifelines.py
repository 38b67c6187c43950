"""lifelines and the project's own formulas agree wherever lifelines can be trusted."""

from __future__ import annotations

import numpy as np
import pytest
from lifelines import CoxPHFitter, KaplanMeierFitter
from lifelines.statistics import multivariate_logrank_test

from analyses.survival import cox, kaplan_meier, kaplan_meier_from_counts, log_rank, risk_table
from analyses.survival.product_limit import LIFELINES_MOST_GROUPS
from tests.lib.parity_tables import TABLES, gbsg2, lung, rossi, ties


@pytest.mark.parametrize("name", ["rossi", "lung", "gbsg2", "ties", "zero_time"])
def test_the_fitted_curve_equals_the_own_product_and_limits(name: str) -> None:
    frame = TABLES[name]()
    fitted, own = kaplan_meier(frame), kaplan_meier_from_counts(risk_table(frame))
    for column in own.columns:
        assert fitted[column].to_numpy() == pytest.approx(
            own[column].to_numpy(), rel=1e-12, nan_ok=True
        )
    theirs = KaplanMeierFitter().fit(frame["time"], frame["event"]).confidence_interval_
    limits = theirs.loc[fitted["time"]].to_numpy()
    inside = (fitted["survival"] > 0).to_numpy()
    mine = fitted[["ci_lower", "ci_upper"]].to_numpy()
    assert mine[inside] == pytest.approx(limits[inside], rel=1e-10)


def test_few_groups_are_fitted_by_lifelines(monkeypatch: pytest.MonkeyPatch) -> None:
    calls = []
    original = KaplanMeierFitter.fit
    monkeypatch.setattr(
        KaplanMeierFitter, "fit", lambda *a, **k: calls.append(1) or original(*a, **k)
    )
    frame = gbsg2().assign(site=np.arange(686) % (LIFELINES_MOST_GROUPS + 1))
    kaplan_meier(frame, by="horTh")
    assert len(calls) == 2
    kaplan_meier(frame, by="site")
    kaplan_meier(ties(), entry="entry")
    kaplan_meier(ties(), weight="half_weight")
    assert len(calls) == 2


def test_cox_coefficients_equal_those_of_lifelines() -> None:
    covariates = ["fin", "age", "race", "wexp", "mar", "paro", "prio"]
    frame = rossi()[["time", "event", *covariates]]
    theirs = CoxPHFitter().fit(frame, "time", "event", fit_options={"precision": 1e-12})
    mine = cox(frame, covariates=covariates).coefficients
    assert mine["coefficient"].to_numpy() == pytest.approx(theirs.params_.to_numpy(), abs=1e-8)
    assert mine["std_error"].to_numpy() == pytest.approx(
        theirs.standard_errors_.to_numpy(), rel=1e-6
    )


def test_log_rank_equals_that_of_lifelines() -> None:
    frame = lung()
    theirs = multivariate_logrank_test(frame["time"], frame["sex"], frame["event"])
    mine = log_rank(frame, by="sex")
    assert mine.statistic == pytest.approx(theirs.test_statistic, rel=1e-10)
    assert mine.p_value == pytest.approx(theirs.p_value, rel=1e-10)
