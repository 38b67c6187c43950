"""Parametric models held against R: `survreg`, and likelihoods written out in R."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from analyses.extrapolation import fit_parametric
from tests.lib.parity import ITERATED, Method

STANDARD = ("exponential", "weibull", "log_normal", "log_logistic")
VALUES = ("estimate", "std_error", "log_likelihood")


def link_scale(frame: pd.DataFrame, *, families: tuple[str, ...], **options: Any) -> pd.DataFrame:
    """Every family's parameters on the scale they are estimated on."""
    frame = frame[frame["time"] > 0]
    parts = []
    for family in families:
        fit = fit_parametric(frame, family, **options)
        assert fit.converged, fit.problem
        parts.append(
            pd.DataFrame(
                {
                    "family": family,
                    "parameter": [*fit.family.parameters, *fit.terms],
                    "estimate": fit.at,
                    "std_error": np.sqrt(np.diag(fit.covariance)),
                    "log_likelihood": fit.log_likelihood,
                }
            )
        )
    return pd.concat(parts, ignore_index=True)


PARAMETRIC: tuple[Method, ...] = (
    Method(
        "fit_parametric", "survreg", "survival::survreg", link_scale,
        ("family", "parameter"), VALUES,
        {
            "lung": {"families": STANDARD},
            "gbsg2": {"families": STANDARD},
            "rossi_covariates": {"families": STANDARD, "covariates": ["fin", "age", "prio"]},
            "rossi_whole": {"families": STANDARD, "weight": "whole_weight"},
            "ties_half": {
                "families": STANDARD, "covariates": ["x", "z"], "weight": "half_weight",
            },
            "whas500": {"families": STANDARD, "covariates": ["age", "gender", "chf"]},
            "veteran": {"families": STANDARD, "covariates": ["karnofsky", "age"]},
        },
        ITERATED,
    ),
    Method(
        "fit_parametric, other families", "parametric", "likelihood in R, stats::optim, numDeriv",
        link_scale, ("family", "parameter"), VALUES,
        {
            "lung": {
                "families": (
                    "gompertz", "generalised_gamma", "spline_hazard_1", "spline_odds_2",
                    "spline_normal_1",
                ),
            },
            "gbsg2": {
                "families": (
                    "gompertz", "generalised_gamma", "mixture_cure_weibull",
                    "non_mixture_cure_log_normal", "spline_hazard_2", "spline_odds_1",
                    "spline_normal_2",
                ),
            },
            "macs_entry": {"families": ("gompertz", "generalised_gamma"), "entry": "entry"},
            "whas500_covariates": {
                "families": ("gompertz", "generalised_gamma", "spline_hazard_1", "spline_odds_2"),
                "covariates": ["age", "gender", "chf"],
            },
            "gbsg2_covariates": {
                "families": (
                    "gompertz", "mixture_cure_weibull", "non_mixture_cure_log_normal",
                    "spline_normal_1",
                ),
                "covariates": ["tsize", "pnodes"],
            },
            "whas500_background": {
                "families": ("gompertz", "spline_hazard_1"), "background": "background",
            },
            "gbsg2_background": {
                "families": ("mixture_cure_weibull",), "background": "background",
            },
            "gbsg2_background_covariate": {
                "families": ("mixture_cure_weibull", "non_mixture_cure_log_normal"),
                "covariates": ["pnodes"], "background": "background",
            },
        },
        ITERATED,
    ),
)  # fmt: skip
