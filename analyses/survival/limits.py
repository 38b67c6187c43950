"""Confidence limits of a probability, and p-values; standard errors come from the estimators."""

from statistics import NormalDist
from typing import Literal, get_args

import numpy as np

from analyses.errors import AnalysisError
from analyses.survival.arrays import Floats

ConfidenceType = Literal["log-log", "log", "plain"]


def normal_quantile(confidence: float) -> float:
    """Two-sided standard normal quantile."""
    if not 0 < confidence < 1:
        raise AnalysisError("confidence must lie between 0 and 1, both excluded")
    return NormalDist().inv_cdf(1 - (1 - confidence) / 2)


def confidence_limits(
    estimate: Floats,
    std_error: Floats,
    *,
    confidence: float,
    conf_type: ConfidenceType,
    certain: float,
) -> tuple[Floats, Floats]:
    """Pointwise limits of a probability with a standard error on the probability scale.

    The transforms are those of R's `survival` (survfit_confint): log(-log p), log p, p. At
    `certain`, where nothing has happened yet (survival 1, incidence 0), both limits are the
    estimate; at the other end the standard error says nothing, and the limits are missing (NaN).
    """
    if conf_type not in get_args(ConfidenceType):
        raise AnalysisError(
            f"conf_type must be one of {', '.join(get_args(ConfidenceType))}, not '{conf_type}'"
        )
    width = normal_quantile(confidence) * std_error
    inside = (estimate > 0) & (estimate < 1)
    p, w = estimate[inside], width[inside]
    lower = np.where(estimate == certain, certain, np.nan)
    upper = lower.copy()
    # A huge exponent is a limit at 0 or 1, which is what an infinite one gives.
    with np.errstate(over="ignore"):
        lower[inside], upper[inside] = _transformed(p, w, conf_type)
    return lower, upper


def _transformed(p: Floats, w: Floats, conf_type: ConfidenceType) -> tuple[Floats, Floats]:
    if conf_type == "plain":
        return np.maximum(p - w, 0.0), np.minimum(p + w, 1.0)
    if conf_type == "log":
        ratio = np.exp(w / p)
        return p / ratio, np.minimum(p * ratio, 1.0)
    # log(-log p) has derivative 1 / (p log p), and p ** exp(x) moves it back.
    power = np.exp(w / (p * -np.log(p)))
    return p**power, p ** (1 / power)


def chi_squared_p_value(statistic: float, degrees_of_freedom: int) -> float:
    """Upper tail of the chi-squared distribution."""
    from scipy.special import chdtrc

    return float(chdtrc(degrees_of_freedom, statistic))


def normal_p_value(z: Floats) -> Floats:
    """Two-sided p-value of a standard normal statistic, exact far in the tails."""
    from scipy.special import erfc

    tail: Floats = erfc(np.abs(z) / np.sqrt(2.0))
    return tail
