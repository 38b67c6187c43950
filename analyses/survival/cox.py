"""Cox regression as a caller sees it; risk sets, fitting and tests are in the `cox_` modules."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import pandas as pd

from analyses.errors import AnalysisError
from analyses.survival import columns
from analyses.survival.arrays import Floats, Ints
from analyses.survival.cox_design import Design, design
from analyses.survival.cox_fit import Fit, fit_cox
from analyses.survival.cox_risk import EfronSets
from analyses.survival.cox_tests import proportional_hazards_test, robust_covariance
from analyses.survival.firth import fit_firth
from analyses.survival.frames import rows_of
from analyses.survival.groups import By, groups
from analyses.survival.limits import normal_p_value, normal_quantile
from analyses.survival.product_limit import survival
from analyses.survival.risk_sets import Rows


@dataclass(frozen=True)
class CoxResult:
    """A fitted Cox model.

    `coefficients`: term, coefficient, std_error (of the coefficient), hazard_ratio, ci_lower,
    ci_upper (of the hazard ratio), p_value (Wald). A text covariate has a term `name=level` for
    each level but its reference. `proportional_hazards`: term (one a covariate, then GLOBAL),
    statistic, degrees_of_freedom, p_value. `covariance` is that of the coefficients, robust when
    `robust` is true. `wald`: terms of a penalised model whose profile was not found and that have
    Wald's limits and p-value. `references`: the reference level of each text covariate.
    """

    coefficients: pd.DataFrame
    proportional_hazards: pd.DataFrame
    covariance: pd.DataFrame
    references: dict[str, str]
    n: int
    n_event: int
    log_likelihood: float
    log_likelihood_null: float
    robust: bool
    wald: tuple[str, ...] = ()


def cox(
    frame: pd.DataFrame,
    *,
    time: str = "time",
    event: str = "event",
    covariates: str | Sequence[str],
    entry: str | None = None,
    weight: str | None = None,
    strata: By = None,
    cluster: str | None = None,
    reference: Mapping[str, object] | None = None,
    ties: Literal["efron", "breslow"] = "efron",
    penalty: Literal["firth"] | None = None,
    confidence: float = 0.95,
    robust: bool = False,
) -> CoxResult:
    """Cox model, Efron's ties by default: R's `coxph`, and `cox.zph` of survival 3 for its test.

    `covariates`: numbers and booleans as they are, text and categoricals treatment-coded against
    the level in `reference` (default: the first in alphabetical order). `entry`: at risk in
    (entry, time], so that rows of one patient may follow on each other. `weight`: whole ones give
    the model's variance (that of rows repeated under Breslow's ties, not under Efron's); others,
    any `cluster`, and `robust`, give the robust sandwich. `penalty="firth"`: Firth's penalised
    likelihood (R's `coxphf`), for few events or separated ones: limits are of its profile, p-values
    of its ratio, log likelihoods penalised, and there is no proportional-hazards test (no rows).

    Raises `AnalysisError` without events, on missing values, on a covariate that is constant or
    a combination of others, on fewer clusters than terms and one, on a penalty with clusters or
    weights that are not whole; and its `SeparationError` on one that separates events from the rest
    (no finite estimate: penalise).
    """
    rows = rows_of(frame, time=time, event=event, entry=entry)
    matrix = design(frame, [covariates] if isinstance(covariates, str) else covariates, reference)
    weights = np.ones(len(frame)) if weight is None else columns.weights(frame, weight)
    clusters = None if cluster is None else clusters_of(frame, cluster)
    counted = rows.event & (weights > 0)
    if not counted.any():
        raise AnalysisError(f"cox needs events: column '{event}' is 0 in every row")
    if ties not in ("efron", "breslow"):
        raise AnalysisError(f"ties of cox are 'efron' or 'breslow', not '{ties}'")
    sets = EfronSets.of(rows.time, rows.event, rows.entry, weights, groups(frame, strata).code)
    if ties == "breslow":
        sets = replace(sets, share=np.zeros_like(sets.share))
    robust = robust or clusters is not None or not columns.are_whole(weights)
    if cluster is not None and clusters is not None and penalty is None:
        refuse_few_clusters(cluster, clusters[weights > 0], matrix)
    if penalty is not None:
        return _penalised(sets, matrix, penalty, confidence, robust=robust)
    fit = fit_cox(sets, matrix)
    covariance = fit.covariance
    if robust:
        covariance = robust_covariance(sets, matrix, fit, clusters)
    return result_of(
        sets,
        matrix,
        fit,
        covariance=covariance,
        before=failed_before(rows, sets.cell_time),
        confidence=confidence,
        robust=robust,
    )


def _penalised(
    sets: EfronSets, matrix: Design, penalty: str, confidence: float, *, robust: bool
) -> CoxResult:
    if penalty != "firth":
        raise AnalysisError(f"penalty of cox is 'firth' or left out, not '{penalty}'")
    if robust:
        raise AnalysisError("cox with Firth's penalty has no robust variance: leave out clusters")
    fit = fit_firth(sets, matrix, confidence)
    coefficients = pd.DataFrame(
        {
            "term": matrix.terms,
            "coefficient": fit.coefficients,
            "std_error": np.sqrt(np.diag(fit.covariance)),
            "hazard_ratio": np.exp(fit.coefficients),
            "ci_lower": np.exp(fit.lower),
            "ci_upper": np.exp(fit.upper),
            "p_value": fit.p_value,
        }
    )
    tests = pd.DataFrame(columns=["term", "statistic", "degrees_of_freedom", "p_value"])
    return CoxResult(
        coefficients=coefficients,
        proportional_hazards=tests,
        covariance=pd.DataFrame(fit.covariance, index=matrix.terms, columns=matrix.terms),
        references=matrix.references,
        n=int(np.count_nonzero(sets.weight > 0)),
        n_event=int(np.count_nonzero(sets.event)),
        log_likelihood=fit.log_likelihood,
        log_likelihood_null=fit.log_likelihood_null,
        robust=False,
        wald=fit.wald,
    )


def result_of(
    sets: EfronSets,
    matrix: Design,
    fit: Fit,
    *,
    covariance: Floats,
    before: Floats,
    confidence: float,
    robust: bool,
) -> CoxResult:
    """What a fit tells a caller; `before` is the time transform of the test at each cell."""
    return CoxResult(
        coefficients=_coefficients(matrix, fit, covariance, confidence),
        proportional_hazards=proportional_hazards_test(sets, matrix, fit, before),
        covariance=pd.DataFrame(covariance, index=matrix.terms, columns=matrix.terms),
        references=matrix.references,
        n=int(np.count_nonzero(sets.weight > 0)),
        n_event=int(np.count_nonzero(sets.event)),
        log_likelihood=fit.log_likelihood,
        log_likelihood_null=fit.log_likelihood_null,
        robust=robust,
    )


def clusters_of(frame: pd.DataFrame, name: str) -> Ints:
    """A number for each row's cluster."""
    column = columns.present(frame, name)
    columns.refuse(name, column.isna().to_numpy(), "missing")
    code: Ints = pd.factorize(column)[0].astype(np.int64)
    return code


def refuse_few_clusters(name: str, clusters: Ints, matrix: Design) -> None:
    """The residuals of the clusters add up to 0: of as many clusters as terms some combination of
    terms has robust variance 0, of one cluster every term."""
    found, needed = len(np.unique(clusters)), len(matrix.terms) + 1
    if found < needed:
        raise AnalysisError(
            f"column '{name}' has {found} cluster{'s' * (found != 1)}: robust errors of"
            f" {needed - 1} term{'s' * (needed != 2)} need {needed} or more"
        )


def failed_before(rows: Rows, time: Floats) -> Floats:
    """1 less the survival of everybody, unweighted, just before each time: `km` of cox.zph."""
    sets = rows.risk_sets()
    curve = survival(sets.n_at_risk, sets.n_event, sets.group)
    before: Floats = 1.0 - np.append(1.0, curve)[np.searchsorted(sets.time, time)]
    return before


def _coefficients(matrix: Design, fit: Fit, covariance: Floats, confidence: float) -> pd.DataFrame:
    error = np.sqrt(np.diag(covariance))
    width = normal_quantile(confidence) * error
    return pd.DataFrame(
        {
            "term": matrix.terms,
            "coefficient": fit.coefficients,
            "std_error": error,
            "hazard_ratio": np.exp(fit.coefficients),
            "ci_lower": np.exp(fit.coefficients - width),
            "ci_upper": np.exp(fit.coefficients + width),
            "p_value": normal_p_value(fit.coefficients / error),
        }
    )
