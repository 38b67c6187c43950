"""The released tables of parametric models and extrapolation.

Belongs here: their columns. Does not belong here: how they are filled (analyses.evaluation).
"""

from __future__ import annotations

from analyses.results.columns import (
    ADJUSTMENT,
    AT_RISK,
    ENDPOINT,
    EVENTS,
    LOWER,
    SET,
    STRATUM,
    TIME,
    UPPER,
    Table,
    table,
)

_FAMILY = (
    "family",
    "VARCHAR",
    "distribution of the survival times, with `spline_<scale>_<knots>`, `mixture_cure_...`",
)
_KEYS = (ENDPOINT, SET, ADJUSTMENT, STRATUM, _FAMILY)
_ERROR = ("std_error", "DOUBLE", "standard error on the scale of the estimate")

EXTRAPOLATION_TABLES: dict[str, Table] = {
    "parametric_model": table(
        "Parametric survival models. One row per endpoint, stratum, family, model and parameter.",
        *_KEYS,
        ("model", "VARCHAR", "per_stratum (each group alone) or adjusted (all groups, covariates)"),
        (
            "background",
            "VARCHAR",
            "life_table when the model is of the hazard in excess of the population's, else none",
        ),
        ("parameter", "VARCHAR", "as R's flexsurv names it, time in days; or a covariate's term"),
        (
            "estimate",
            "DOUBLE",
            "estimate; of a term: additive on the log (cure models: logit) of the location",
        ),
        _ERROR,
        LOWER,
        UPPER,
        ("n", "BIGINT", "people in the model"),
        EVENTS,
        ("log_likelihood", "DOUBLE", "maximised log likelihood, up to a constant with background"),
        ("aic", "DOUBLE", "Akaike's information criterion; compare within endpoint and stratum"),
        ("bic", "DOUBLE", "Bayesian information criterion, with the number of people"),
        ("converged", "BOOLEAN", "whether a maximum was found; if not there are no curves of it"),
    ),
    "parametric_curve": table(
        "Survival and hazard as modelled. One row per endpoint, stratum, family and time.",
        *_KEYS,
        TIME,
        ("survival", "DOUBLE", "modelled survival (with a life table: times the expected one)"),
        LOWER,
        UPPER,
        ("hazard_per_year", "DOUBLE", "modelled hazard, events per person-year"),
        ("hazard_ci_lower", "DOUBLE", "lower 95 % confidence limit of the hazard"),
        ("hazard_ci_upper", "DOUBLE", "upper 95 % confidence limit of the hazard"),
        ("extrapolated", "BOOLEAN", "whether the time is beyond the group's last observed one"),
    ),
    "extrapolated_mean": table(
        "Mean time to a horizon as modelled. One row per endpoint, stratum and family.",
        *_KEYS,
        ("horizon_years", "DOUBLE", "years after the start of the clock"),
        ("mean_years", "DOUBLE", "area under the modelled survival curve up to the horizon"),
        ("std_error", "DOUBLE", "standard deviation over simulated parameters, in years"),
        ("ci_lower", "DOUBLE", "2.5th percentile over simulated parameters, in years"),
        ("ci_upper", "DOUBLE", "97.5th percentile over simulated parameters, in years"),
        (
            "share_beyond_data",
            "DOUBLE",
            "share of the mean that lies after the last observed time: what is extrapolated",
        ),
    ),
    "smoothed_hazard": table(
        "The hazard without a model, smoothed. One row per endpoint, stratum and time.",
        ENDPOINT,
        SET,
        ADJUSTMENT,
        STRATUM,
        TIME,
        AT_RISK,
        ("hazard_per_year", "DOUBLE", "kernel-smoothed hazard, events per person-year"),
        ("std_error", "DOUBLE", "standard error of the smoothed hazard, per person-year"),
        LOWER,
        UPPER,
        ("bandwidth_days", "DOUBLE", "half-width of the kernel"),
    ),
}
