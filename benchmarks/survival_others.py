"""The jobs of the survival benchmarks as lifelines and scikit-survival do them, on raw rows."""

from __future__ import annotations

from typing import Any

import pandas as pd

from benchmarks.survival_data import COVARIATES

REPLICATES = 1000


def lifelines_km(frame: pd.DataFrame) -> Any:
    from lifelines import KaplanMeierFitter

    fit = KaplanMeierFitter().fit(frame["time"].to_numpy(), frame["event"].to_numpy())
    return fit.confidence_interval_


def lifelines_km_of_strata(frame: pd.DataFrame) -> list[Any]:
    return [lifelines_km(one) for _, one in frame.groupby("stratum")]


def lifelines_incidence(frame: pd.DataFrame) -> list[Any]:
    from lifelines import AalenJohansenFitter

    fits = []
    for cause in (1, 2):
        fitter = AalenJohansenFitter(calculate_variance=True, seed=1)
        fits.append(fitter.fit(frame["time"], frame["cause"], event_of_interest=cause))
    return fits


def lifelines_log_rank(frame: pd.DataFrame) -> Any:
    from lifelines.statistics import logrank_test

    a, b = (frame[frame["arm"] == arm] for arm in (0, 1))
    return logrank_test(a["time"], b["time"], a["event"], b["event"])


def lifelines_cox(frame: pd.DataFrame) -> Any:
    from lifelines import CoxPHFitter

    return CoxPHFitter().fit(frame, "time", "event")


def lifelines_iptw(frame: pd.DataFrame) -> Any:
    from lifelines import CoxPHFitter

    return CoxPHFitter().fit(frame, "time", "event", weights_col="weight", robust=True)


def lifelines_bootstrap(frame: pd.DataFrame) -> list[float]:
    from lifelines import KaplanMeierFitter
    from lifelines.utils import restricted_mean_survival_time

    arms = [frame[frame["arm"] == arm] for arm in (0, 1)]
    found = []
    for seed in range(REPLICATES):
        means = []
        for arm in arms:
            drawn = arm.sample(len(arm), replace=True, random_state=seed)
            fit = KaplanMeierFitter().fit(drawn["time"], drawn["event"])
            means.append(restricted_mean_survival_time(fit, t=730))
        found.append(means[1] - means[0])
    return found


def sksurv_km(frame: pd.DataFrame) -> Any:
    from sksurv.nonparametric import kaplan_meier_estimator

    event, duration = frame["event"].to_numpy(dtype=bool), frame["time"].to_numpy()
    return kaplan_meier_estimator(event, duration, conf_type="log-log")


def sksurv_incidence(frame: pd.DataFrame) -> Any:
    from sksurv.nonparametric import cumulative_incidence_competing_risks

    cause, duration = frame["cause"].to_numpy(), frame["time"].to_numpy()
    return cumulative_incidence_competing_risks(cause, duration, conf_type="log-log")


def sksurv_log_rank(frame: pd.DataFrame) -> Any:
    from sksurv.compare import compare_survival
    from sksurv.util import Surv

    outcome = Surv.from_arrays(frame["event"] == 1, frame["time"])
    return compare_survival(outcome, frame["arm"].to_numpy())


def sksurv_cox(frame: pd.DataFrame) -> Any:
    from sksurv.linear_model import CoxPHSurvivalAnalysis
    from sksurv.util import Surv

    outcome = Surv.from_arrays(frame["event"] == 1, frame["time"])
    return CoxPHSurvivalAnalysis(ties="efron").fit(frame[COVARIATES], outcome)
