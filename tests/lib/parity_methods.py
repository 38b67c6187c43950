"""Every method held against R, and its cases: what `golden/*.csv` has, computed here.

A case is named after its table in `parity_tables`, and its values are the options of the call.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

from analyses import survival
from analyses.survival import CoxResult, TestResult
from tests.lib.parity import ITERATED, Method, labelled
from tests.lib.parity_models import MODEL_METHODS
from tests.lib.parity_parametric import PARAMETRIC
from tests.lib.parity_recurrent import RECURRENT
from tests.lib.parity_states import STATE_METHODS

Frame = pd.DataFrame
LIMITS = ("ci_lower", "ci_upper")
COEFFICIENTS = ("coefficient", "std_error", *LIMITS, "p_value")
LIKELIHOODS = ("log_likelihood", "log_likelihood_null")
CHI_SQUARED = ("statistic", "degrees_of_freedom", "p_value")
R_NAMES = {"n_at_risk": "n_risk", "n_censored": "n_censor"}
WEIGHTED = {"weighted_at_risk": "n_risk", "weighted_event": "n_event", "n_censored": "n_censor"}


def curve(frame: Frame, **options: Any) -> Frame:
    """Kaplan-Meier; under weights R counts weights, and censorings are not compared."""
    found = labelled(survival.kaplan_meier(frame, **options), "time")
    if "weight" not in options:
        return found.rename(columns=R_NAMES)
    return found.drop(columns=["n_event", "n_at_risk"]).rename(columns=WEIGHTED)


def incidence(frame: Frame, *, counts_weights: bool = False, **options: Any) -> Frame:
    """Aalen-Johansen; R counts people under weights, and rows written out stand for whole ones."""
    found = labelled(survival.cumulative_incidence(frame, **options), "cause")
    if not counts_weights:
        return found.rename(columns=R_NAMES)
    return found.drop(columns=["n_event", "n_at_risk"]).rename(columns=WEIGHTED)


def of_groups(estimate: Callable[..., Frame], first: str, **names: str) -> Callable[..., Frame]:
    """An estimator of `[by,] first, ...`."""
    return lambda frame, **options: labelled(estimate(frame, **options), first).rename(
        columns=names
    )


def median(frame: Frame, *, follow_up: bool = False, **options: Any) -> Frame:
    """The median, of survival or of follow-up."""
    estimate = survival.follow_up_median if follow_up else survival.median_survival
    return labelled(estimate(frame, **options), "median")


def test_row(result: TestResult, **keys: Any) -> dict[str, Any]:
    """A test as a row."""
    return {**keys, **{name: getattr(result, name) for name in CHI_SQUARED}}


def log_rank(frame: Frame, **options: Any) -> Frame:
    """The log-rank test."""
    return pd.DataFrame([test_row(survival.log_rank(frame, **options))])


def gray(frame: Frame, **options: Any) -> Frame:
    """Gray's test of every cause."""
    causes = sorted(set(frame["cause"]) - {0})
    rows = [test_row(survival.gray_test(frame, of=c, **options), cause=c) for c in causes]
    return pd.DataFrame(rows)


def with_text(frame: Frame) -> Frame:
    """The table with ECOG as text, for a covariate of levels."""
    if "ecog" not in frame:
        return frame
    return frame.assign(ecog_text="e" + frame["ecog"].astype(int).astype(str))


def coefficients(fit: Callable[..., CoxResult]) -> Callable[..., Frame]:
    """A model's coefficients and likelihoods."""

    def ours(frame: Frame, **options: Any) -> Frame:
        result = fit(with_text(frame), **options)
        likelihoods = {name: getattr(result, name) for name in LIKELIHOODS}
        return result.coefficients.assign(**likelihoods)

    return ours


def firth(frame: Frame, **options: Any) -> Frame:
    """A penalised Cox model, on a table changed so that events are few or separated."""
    case = options.pop("case")
    if case == "ties_separated":
        nobody = (frame["event"] == 0) & (frame["x"] > 1.5)
        frame = frame.assign(only=nobody.astype(float))
    if case == "lung_few":
        number = np.arange(1, len(frame) + 1)
        frame = frame[(frame["time"] <= 60) | (number % 6 == 0)]
        frame = frame.assign(event=((frame["event"] == 1) & (frame["time"] <= 40)).astype(int))
    result = survival.cox(frame, penalty="firth", **options)
    return result.coefficients.assign(log_likelihood=result.log_likelihood)


def proportional_hazards(fit: Callable[..., CoxResult]) -> Callable[..., Frame]:
    """A model's proportional-hazards test."""
    return lambda frame, **options: fit(with_text(frame), **options).proportional_hazards


def certain(rows: Frame, name: str) -> np.ndarray:
    """At survival 1 and incidence 0, where R has no limits, they are the estimate; at survival 0,
    where it has no standard error, that is 0; all else is missing."""
    expected = np.full(len(rows), np.nan)
    for estimate, start in (("survival", 1.0), ("incidence", 0.0)):
        column = rows.get(f"{estimate}_ours")
        if column is not None and name in LIMITS:
            expected[column == start] = start
        if column is not None and name == "std_error" and estimate == "survival":
            expected[column == 0] = 0.0
    return expected


def _with(cases: dict[str, dict[str, Any]], left_out: tuple[str, ...]) -> dict[str, dict[str, Any]]:
    return {name: options for name, options in cases.items() if name not in left_out}


CURVES: dict[str, dict[str, Any]] = {
    "rossi": {},
    "rossi_by_fin": {"by": "fin"},
    "lung_by_sex": {"by": "sex"},
    "lung_log": {"by": "sex", "conf_type": "log"},
    "lung_plain": {"by": "sex", "conf_type": "plain", "confidence": 0.9},
    "gbsg2_by_two": {"by": ["horTh", "tgrade"]},
    "macs_entry": {"entry": "entry"},
    "macs_entry_by": {"entry": "entry", "by": "group"},
    "ties_by_group": {"by": "group"},
    "ties_entry": {"entry": "entry", "by": "group"},
    "zero_time": {},
    "zero_time_by": {"by": "group"},
    "whas500": {"by": "gender"},
    "veteran": {"by": "cell_type"},
    "veteran_log": {"by": ["treatment", "prior"], "conf_type": "log"},
    "actg320": {"by": "tx"},
    "cgvhd": {"by": "tx"},
    "bmt": {"by": "dis"},
}
WEIGHTED_CURVES: dict[str, dict[str, Any]] = {
    "rossi_whole": {"by": "fin", "weight": "whole_weight"},
    "rossi_half": {"by": "fin", "weight": "half_weight"},
    "ties_entry_whole": {"entry": "entry", "by": "group", "weight": "whole_weight"},
    "ties_half": {"by": "group", "weight": "half_weight"},
    "ties_entry_half": {"entry": "entry", "by": "group", "weight": "half_weight"},
    "rossi_whole_robust": {"by": "fin", "weight": "whole_weight", "robust": True},
    "ties_entry_whole_robust": {
        "entry": "entry",
        "by": "group",
        "weight": "whole_weight",
        "robust": True,
    },
}
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
    "ties_whole_robust": {"by": "group", "weight": "whole_weight", "robust": True},
    "ties_whole": {"by": "group", "weight": "whole_weight", "counts_weights": True},
    "ties_entry_whole": {
        "by": "group",
        "entry": "entry",
        "weight": "whole_weight",
        "counts_weights": True,
    },
    "cgvhd": {"by": "tx"},
    "bmt": {"by": "dis"},
}
MEDIANS: dict[str, dict[str, Any]] = {
    "rossi": {"by": "fin"},
    "lung": {"by": "sex"},
    "gbsg2": {"by": "horTh"},
    "macs": {"by": "group", "entry": "entry"},
    "ties": {"by": "group"},
    "zero_time": {},
    "zero_time_by": {"by": "group"},
    "lung_follow_up": {"by": "sex", "follow_up": True},
    "gbsg2_follow_up": {"by": "horTh", "follow_up": True},
    "whas500": {"by": "gender"},
    "veteran": {"by": "cell_type"},
    "cgvhd": {"by": "tx"},
    "whas500_follow_up": {"by": "gender", "follow_up": True},
    "actg320_follow_up": {"by": "tx", "follow_up": True},
    "flchain_follow_up": {"by": "sex", "follow_up": True},
}
QUANTILES: dict[str, dict[str, Any]] = {
    name: {**options, "probabilities": [0.1, 0.25, 0.5, 0.75]}
    for name, options in {
        "rossi": {"by": "fin"},
        "lung": {"by": "sex"},
        "gbsg2": {"by": "tgrade"},
        "macs": {"by": "group", "entry": "entry"},
        "ties": {"by": "group"},
        "rossi_whole": {"by": "fin", "weight": "whole_weight"},
        "rossi_half": {"by": "fin", "weight": "half_weight"},
        "ties_half": {"by": "group", "weight": "half_weight"},
        "ties_entry_half": {"by": "group", "entry": "entry", "weight": "half_weight"},
        "zero_time": {},
        "zero_time_by": {"by": "group"},
        "whas500": {"by": "gender"},
        "veteran": {"by": "cell_type"},
        "cgvhd": {"by": "tx"},
        "flchain": {"by": "high"},
    }.items()
}
RESTRICTED: dict[str, dict[str, Any]] = {
    "rossi": {"by": "fin", "horizon": [40, 52]},
    "lung": {"by": "sex", "horizon": 365},
    "gbsg2": {"by": "horTh", "horizon": 1826.5},
    "macs": {"entry": "entry", "horizon": 6},
    "ties": {"by": "group", "horizon": 5.5},
    "whas500": {"by": "gender", "horizon": 1826.5},
    "veteran": {"by": "cell_type", "horizon": 365},
    "actg320": {"by": "tx", "horizon": 300},
    "cgvhd": {"by": "tx", "horizon": 1},
    "flchain": {"by": "sex", "horizon": 3652.5},
}
MEAN_CONTRASTS: dict[str, dict[str, Any]] = {
    "rossi": {"by": "fin", "horizon": [40, 52]},
    "lung": {"by": "sex", "horizon": [365, 730]},
    "gbsg2": {"by": "tgrade", "horizon": 1826.5},
    "ties": {"by": "group", "horizon": 5.5},
    "rossi_half": {"by": "fin", "horizon": 52, "weight": "half_weight"},
    "ties_half": {"by": "group", "horizon": 5.5, "weight": "half_weight"},
    "whas500": {"by": "gender", "horizon": 1826.5},
    "veteran": {"by": "cell_type", "horizon": 180},
    "actg320": {"by": "tx", "horizon": 300},
    "flchain": {"by": "high", "horizon": 3652.5},
}
WEIGHTED_CONTRASTS: dict[str, dict[str, Any]] = {
    "rossi_half": {"by": "fin", "horizon": 52, "weight": "half_weight"},
    "ties_half": {"by": "group", "horizon": 5.5, "weight": "half_weight"},
}
SURVIVAL_CONTRASTS: dict[str, dict[str, Any]] = {
    "rossi": {"by": "fin", "horizon": [26, 52]},
    "lung": {"by": "sex", "horizon": 365},
    "gbsg2": {"by": "tgrade", "horizon": 1000},
    "macs": {"by": "group", "horizon": 3, "entry": "entry"},
    "ties": {"by": "group", "horizon": 4},
    "rossi_half": {"by": "fin", "horizon": 52, "weight": "half_weight"},
    "ties_half": {"by": "group", "horizon": 4, "weight": "half_weight"},
    "whas500": {"by": "gender", "horizon": 365},
    "veteran": {"by": "cell_type", "horizon": 90},
    "actg320": {"by": "tx", "horizon": 300},
    "flchain": {"by": "high", "horizon": 3650},
}
LOG_RANKS: dict[str, dict[str, Any]] = {
    "rossi": {"by": "fin"},
    "rossi_strata": {"by": "fin", "strata": "race"},
    "lung": {"by": "sex"},
    "lung_strata": {"by": "sex", "strata": "ecog"},
    "gbsg2_three": {"by": "tgrade"},
    "gbsg2_strata": {"by": "tgrade", "strata": "horTh"},
    "gbsg2_two": {"by": ["horTh", "tgrade"]},
    "ties": {"by": "group"},
    "ties_strata": {"by": "group", "strata": "stratum"},
    "whas500": {"by": "gender"},
    "whas500_strata": {"by": "gender", "strata": "chf"},
    "veteran": {"by": "cell_type"},
    "veteran_strata": {"by": "treatment", "strata": "cell_type"},
    "actg320_strata": {"by": "tx", "strata": "stratum"},
    "cgvhd": {"by": "tx"},
    "flchain": {"by": "sex"},
    "flchain_strata": {"by": "sex", "strata": "high"},
}
LATE_LOG_RANKS: dict[str, dict[str, Any]] = {
    "ties_entry": {"by": "group", "entry": "entry"},
    "ties_entry_strata": {"by": "group", "entry": "entry", "strata": "stratum"},
    "macs_entry": {"by": "group", "entry": "entry"},
}
WEIGHTED_LOG_RANKS: dict[str, dict[str, Any]] = {
    "rossi": {"by": "fin", "rho": 1},
    "rossi_strata": {"by": "fin", "strata": "race", "rho": 1},
    "lung": {"by": "sex", "rho": 1},
    "lung_half": {"by": "sex", "rho": 0.5},
    "lung_strata": {"by": "sex", "strata": "ecog", "rho": 1},
    "gbsg2": {"by": "tgrade", "rho": 1},
    "gbsg2_strata": {"by": "tgrade", "strata": "horTh", "rho": 1},
    "ties": {"by": "group", "rho": 1},
    "ties_strata": {"by": "group", "strata": "stratum", "rho": 0.5},
    "whas500": {"by": "gender", "rho": 1},
    "veteran": {"by": "cell_type", "rho": 1},
    "actg320": {"by": "tx", "rho": 1},
    "flchain": {"by": "sex", "rho": 1},
}
GRAYS: dict[str, dict[str, Any]] = {
    "rossi": {"by": "fin"},
    "rossi_rho": {"by": "fin", "rho": 1},
    "rossi_strata": {"by": "fin", "strata": "wexp"},
    "lung": {"by": "sex"},
    "lung_strata": {"by": "sex", "strata": "ecog"},
    "gbsg2": {"by": "tgrade"},
    "gbsg2_strata": {"by": "tgrade", "strata": "menostat"},
    "ties": {"by": "group"},
    "ties_strata": {"by": "group", "strata": "stratum"},
    "ties_strata_rho": {"by": "group", "strata": "stratum", "rho": 1},
    "untied": {"by": "group"},
    "cgvhd": {"by": "tx"},
    "cgvhd_strata": {"by": "tx", "strata": "dx"},
    "bmt": {"by": "dis"},
    "flchain": {"by": "sex"},
}
STANFORD = {"covariates": ["age", "year", "surgery", "transplant"], "entry": "entry"}
OF_TIES = {"covariates": ["x", "z", "group"]}
MODELS: dict[str, dict[str, Any]] = {
    "rossi": {"covariates": ["fin", "age", "race", "wexp", "mar", "paro", "prio"]},
    "rossi_strata": {"covariates": ["fin", "age", "prio"], "strata": "race"},
    "rossi_half": {"covariates": ["fin", "age", "prio"], "weight": "half_weight"},
    "rossi_whole": {"covariates": ["fin", "age"], "weight": "whole_weight"},
    "rossi_whole_robust": {
        "covariates": ["fin", "age"],
        "weight": "whole_weight",
        "robust": True,
    },
    "lung": {"covariates": ["age", "sex", "ecog_text"]},
    "gbsg2": {"covariates": ["horTh", "age", "tsize", "tgrade", "pnodes"]},
    "gbsg2_reference": {"covariates": ["tgrade", "age"], "reference": {"tgrade": "II"}},
    "macs_entry": {"covariates": ["year"], "entry": "entry"},
    "stanford": STANFORD,
    "stanford_cluster": {**STANFORD, "cluster": "id"},
    "ties": OF_TIES,
    "ties_entry_strata": {**OF_TIES, "entry": "entry", "strata": "stratum"},
    "ties_half_cluster": {**OF_TIES, "weight": "half_weight", "cluster": "cluster"},
    "ties_all": {
        **OF_TIES,
        "entry": "entry",
        "strata": "stratum",
        "weight": "half_weight",
        "cluster": "cluster",
    },
    "whas500": {"covariates": ["age", "gender", "bmi", "chf", "sho", "mitype"]},
    "veteran": {"covariates": ["treatment", "cell_type", "karnofsky", "months", "age", "prior"]},
    "veteran_strata": {"covariates": ["karnofsky", "age", "treatment"], "strata": "cell_type"},
    "actg320_strata": {"covariates": ["tx", "karnof", "cd4", "age"], "strata": "stratum"},
    "cgvhd": {"covariates": ["age", "dx", "tx", "extent"]},
    "flchain": {"covariates": ["age", "sex", "high", "mgus"]},
}
SUBDISTRIBUTIONS: dict[str, dict[str, Any]] = {
    "rossi": {"covariates": ["fin", "age", "prio"]},
    "rossi_half": {"covariates": ["fin", "age"], "of": 2, "weight": "half_weight"},
    "lung": {"covariates": ["sex", "ecog"]},
    "lung_other": {"covariates": ["sex", "ecog"], "of": 2},
    "gbsg2": {"covariates": ["horTh", "age", "tsize"]},
    "ties": OF_TIES,
    "ties_cluster": {"covariates": ["x", "z"], "of": 2, "cluster": "cluster"},
    "ties_strata": {"covariates": ["x", "z"], "strata": "stratum"},
    "ties_entry": {"covariates": ["x", "z"], "entry": "entry"},
    "untied": OF_TIES,
    "cgvhd": {"covariates": ["age", "tx"]},
    "bmt": {"covariates": ["dis"]},
    "bmt_other": {"covariates": ["dis"], "of": 2},
}
FIRTHS: dict[str, dict[str, Any]] = {
    name: {**options, "case": name}
    for name, options in {
        "ties_separated": {"covariates": ["only", "x"]},
        "lung_few": {"covariates": ["sex", "ecog"]},
        "rossi": {"covariates": ["fin", "prio"]},
        "stanford": {"covariates": ["year", "transplant"], "entry": "entry"},
        "ties_strata": {"covariates": ["x", "z"], "entry": "entry", "strata": "stratum"},
    }.items()
}
CRR: dict[str, dict[str, Any]] = {
    "untied": {"covariates": ["x", "z"]},
    "untied_other": {"covariates": ["x", "z"], "of": 2},
}

GROUP, OF_CURVE = ("group",), ("survival", "std_error", *LIMITS)
CONTRAST = ("estimate", "std_error", *LIMITS, "p_value")
OF_CAUSE, OF_INCIDENCE = ("group", "cause", "time"), ("incidence", "std_error", *LIMITS)
EVENTS = ("n_risk", "n_event")
METHODS: tuple[Method, ...] = (
    Method(
        "kaplan_meier", "kaplan_meier", "survival::survfit", curve,
        ("group", "time"), (*EVENTS, "n_censor", *OF_CURVE), CURVES, missing=certain,
    ),
    Method(
        "kaplan_meier, weights", "kaplan_meier", "survival::survfit(weights)", curve,
        ("group", "time"), (*EVENTS, *OF_CURVE), WEIGHTED_CURVES, missing=certain,
    ),
    Method(
        "median_survival, follow_up_median", "median", "survival::print.survfit", median,
        GROUP, ("median", *LIMITS), MEDIANS,
    ),
    Method(
        "quantiles", "quantile", "survival::quantile.survfit",
        of_groups(survival.quantiles, "probability"),
        ("group", "probability"), ("quantile", *LIMITS), QUANTILES,
    ),
    Method(
        "restricted_mean", "restricted_mean", "survival::print.survfit(rmean)",
        of_groups(survival.restricted_mean, "horizon"),
        ("group", "horizon"), ("rmst", "std_error"), RESTRICTED,
    ),
    Method(
        "restricted_mean_difference", "restricted_mean_difference",
        "difference of survival::print.survfit(rmean)",
        of_groups(survival.restricted_mean_difference, "reference", difference="estimate"),
        ("group", "horizon"), CONTRAST, MEAN_CONTRASTS | WEIGHTED_CONTRASTS,
    ),
    Method(
        "restricted_mean_ratio", "restricted_mean_ratio",
        "ratio of survival::print.survfit(rmean), delta method",
        of_groups(survival.restricted_mean_ratio, "reference", ratio="estimate"),
        ("group", "horizon"), CONTRAST, MEAN_CONTRASTS | WEIGHTED_CONTRASTS,
    ),
    Method(
        "survival_difference", "survival_difference",
        "difference of survival::summary.survfit(times)",
        of_groups(survival.survival_difference, "reference", difference="estimate"),
        ("group", "horizon"), CONTRAST, SURVIVAL_CONTRASTS,
    ),
    Method(
        "cumulative_incidence", "cumulative_incidence", "survival::survfit (multi-state)",
        incidence, OF_CAUSE, (*EVENTS, *OF_INCIDENCE), INCIDENCES, missing=certain,
    ),
    Method(
        "cumulative_incidence (estimate)", "cuminc", "cmprsk::cuminc",
        incidence, ("cause", "time"), ("incidence",),
        {name: {} for name in ("lung", "ties", "rossi", "cgvhd", "bmt")},
    ),
    Method(
        "log_rank", "log_rank", "survival::survdiff", log_rank, (), CHI_SQUARED, LOG_RANKS
    ),
    Method(
        "log_rank, delayed entry", "log_rank", "stats::mantelhaen.test over event times",
        log_rank, (), CHI_SQUARED, LATE_LOG_RANKS,
    ),
    Method(
        "log_rank, rho", "log_rank_rho", "survival::survdiff(rho)", log_rank,
        (), CHI_SQUARED, WEIGHTED_LOG_RANKS,
    ),
    Method("gray_test", "gray", "cmprsk::cuminc (Tests)", gray, ("cause",), CHI_SQUARED, GRAYS),
    Method(
        "cox", "cox", "survival::coxph", coefficients(survival.cox),
        ("term",), (*COEFFICIENTS, *LIKELIHOODS), MODELS, ITERATED,
    ),
    Method(
        "cox (proportional hazards)", "cox_zph", "survival::cox.zph",
        proportional_hazards(survival.cox), ("term",), CHI_SQUARED, MODELS, ITERATED,
    ),
    Method(
        "fine_gray", "fine_gray", "survival::finegray, coxph(weights, cluster)",
        coefficients(survival.fine_gray), ("term",), (*COEFFICIENTS, *LIKELIHOODS),
        SUBDISTRIBUTIONS, ITERATED,
    ),
    Method(
        "fine_gray (proportional hazards)", "fine_gray_zph", "survival::cox.zph of finegray",
        proportional_hazards(survival.fine_gray), ("term",), CHI_SQUARED,
        _with(SUBDISTRIBUTIONS, ("ties_strata",)), ITERATED,
    ),
    Method(
        "fine_gray (coefficients)", "crr", "cmprsk::crr", coefficients(survival.fine_gray),
        ("term",), ("coefficient",), CRR, ITERATED,
    ),
    Method(
        "cox, Firth's penalty", "firth", "survival::coxph(iter.max = 0), penalised and maximised",
        firth, ("term",), (*COEFFICIENTS, "log_likelihood"), FIRTHS, ITERATED,
    ),
    *STATE_METHODS,
    *MODEL_METHODS,
    *PARAMETRIC,
    *RECURRENT,
)  # fmt: skip
