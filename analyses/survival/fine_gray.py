"""Fine-Gray regression as a caller sees it; its risk sets are in `subdistribution`."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from analyses.errors import AnalysisError
from analyses.survival import columns
from analyses.survival.arrays import Booleans, Floats
from analyses.survival.cox import (
    CoxResult,
    clusters_of,
    failed_before,
    refuse_few_clusters,
    result_of,
)
from analyses.survival.cox_design import design
from analyses.survival.cox_fit import fit_cox
from analyses.survival.cox_tests import robust_covariance
from analyses.survival.frames import rows_with_cause
from analyses.survival.groups import By, groups
from analyses.survival.risk_sets import Rows
from analyses.survival.subdistribution import SubdistributionSets


def fine_gray(
    frame: pd.DataFrame,
    *,
    time: str = "time",
    cause: str = "cause",
    of: int = 1,
    covariates: str | Sequence[str],
    entry: str | None = None,
    weight: str | None = None,
    strata: By = None,
    cluster: str | None = None,
    reference: Mapping[str, object] | None = None,
    confidence: float = 0.95,
) -> CoxResult:
    """Subdistribution hazard regression (Fine and Gray, JASA 1999) of the cause `of`.

    R's `finegray(Surv(time, cause) ~ .)` and `coxph(..., weights = fgwt, cluster = id)`: inverse
    probability of censoring weights, Efron's ties, robust variance. `cause` is a whole number, 0
    censored; the other parameters are those of `cox`. Strata have a baseline and a censoring
    distribution each. A coefficient is the effect on the incidence of the cause, others competing,
    not on its rate among those still at risk: that is `cox` with the others censored.

    The variance takes the censoring weights as known, as R's does (`cmprsk::crr` adds a small
    term for their estimation). Returns a `CoxResult`: `hazard_ratio` is that of the
    subdistribution, `n_event` counts the cause. Raises `AnalysisError` as `cox` does.
    """
    if weight is not None:
        # A row of weight 0 stands for nobody, in the censoring distribution too.
        frame = frame[columns.weights(frame, weight) > 0]
    rows, of_row = rows_with_cause(frame, time=time, cause=cause, entry=entry)
    matrix = design(frame, [covariates] if isinstance(covariates, str) else covariates, reference)
    weights = np.ones(len(frame)) if weight is None else columns.weights(frame, weight)
    clusters = None if cluster is None else clusters_of(frame, cluster)
    if cluster is not None and clusters is not None:
        refuse_few_clusters(cluster, clusters, matrix)
    is_own = of_row == of
    if not np.any(is_own & (weights > 0)):
        raise AnalysisError(f"fine_gray needs events: column '{cause}' is never the cause modelled")
    sets = SubdistributionSets.with_competing(
        rows.time, is_own, rows.event & ~is_own, rows.entry, weights, groups(frame, strata).code
    )
    fit = fit_cox(sets, matrix)
    return result_of(
        sets,
        matrix,
        fit,
        covariance=robust_covariance(sets, matrix, fit, clusters),
        before=_failed_before(rows, is_own, sets.cell_time),
        confidence=confidence,
        robust=True,
    )


def _failed_before(rows: Rows, is_own: Booleans, time: Floats) -> Floats:
    """1 less the survival of everybody as `cox.zph` takes it: unweighted, in the data of
    `finegray`, so that who had a competing event stays at risk."""
    everybody = Rows(
        groups=rows.groups,
        time=np.where(rows.event & ~is_own, rows.time.max(), rows.time),
        event=is_own,
        entry=rows.entry,
        weight=None,
    )
    return failed_before(everybody, time)
