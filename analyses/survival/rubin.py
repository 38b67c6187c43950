"""Rubin's rules: estimates of several completed tables put together.

Belongs here: pooling. Does not belong here: completing tables (imputation.py) and fitting them.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from analyses.errors import AnalysisError
from analyses.survival.arrays import Floats, divide
from analyses.survival.cox import CoxResult


def pool(fits: Sequence[CoxResult], *, confidence: float = 0.95) -> pd.DataFrame:
    """Cox models of the completed tables as one: R's `mice::pool`.

    Returns term, coefficient, std_error, hazard_ratio, ci_lower, ci_upper, p_value,
    degrees_of_freedom, missing_information (the share of the variance that is due to missing
    values): limits and p-values are of Student's t with Barnard and Rubin's (1999) degrees of
    freedom, those of the complete table being events less terms.
    """
    if len(fits) < 2:
        raise AnalysisError("Rubin's rules pool two fits or more")
    terms = [fit.coefficients["term"].tolist() for fit in fits]
    if any(of != terms[0] for of in terms):
        raise AnalysisError("the fits to pool have different terms: a level is rare in some")
    estimates = np.array([fit.coefficients["coefficient"].to_numpy(dtype=float) for fit in fits])
    variances = np.array([np.diag(fit.covariance.to_numpy(dtype=float)) for fit in fits])
    complete = float(fits[0].n_event - len(terms[0]))
    pooled = pool_estimates(estimates, variances, degrees_of_freedom=complete)
    error = np.sqrt(pooled["variance"].to_numpy())
    from scipy.stats import t

    degrees, mean = pooled["degrees_of_freedom"].to_numpy(), pooled["estimate"].to_numpy()
    width = t.ppf(0.5 + confidence / 2, degrees) * error
    return pd.DataFrame(
        {
            "term": terms[0],
            "coefficient": mean,
            "std_error": error,
            "hazard_ratio": np.exp(mean),
            "ci_lower": np.exp(mean - width),
            "ci_upper": np.exp(mean + width),
            "p_value": 2 * t.sf(np.abs(mean / error), degrees),
            "degrees_of_freedom": degrees,
            "missing_information": pooled["missing_information"],
        }
    )


def pool_estimates(
    estimates: Floats, variances: Floats, *, degrees_of_freedom: float
) -> pd.DataFrame:
    """Rubin's rules for arrays with a row a completed table and a column a quantity.

    Returns estimate, variance, degrees_of_freedom, missing_information (R's `pool.scalar`: qbar, t,
    df, fmi).
    """
    m = len(estimates)
    if m < 2:
        raise AnalysisError("Rubin's rules pool two fits or more")
    if degrees_of_freedom <= 0:
        raise AnalysisError("Rubin's rules need more events than terms")
    within, between = variances.mean(axis=0), estimates.var(axis=0, ddof=1)
    total = within + (1 + 1 / m) * between
    share = (1 + 1 / m) * between / total
    observed = (
        (degrees_of_freedom + 1) / (degrees_of_freedom + 3) * degrees_of_freedom * (1 - share)
    )
    # Tables that do not differ leave the degrees of freedom of a complete one.
    of_missing = np.where(share > 0, divide(np.full_like(share, m - 1.0), share**2), np.inf)
    degrees = np.where(
        np.isinf(of_missing), observed, observed / (1 + divide(observed, of_missing))
    )
    relative = (1 + 1 / m) * between / within
    missing = (relative + 2 / (degrees + 3)) / (relative + 1)
    return pd.DataFrame(
        {
            "estimate": estimates.mean(axis=0),
            "variance": total,
            "degrees_of_freedom": degrees,
            "missing_information": missing,
        }
    )
