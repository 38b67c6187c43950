"""The fitted model: its means per visit and group, and differences between groups.

How the frame is laid out is `design`, how the covariance is found `reml`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from analyses.errors import AnalysisError
from analyses.quality_of_life.answers import Floats
from analyses.quality_of_life.repeated_measures.design import Design, design
from analyses.quality_of_life.repeated_measures.patterns import reduce_to_patterns
from analyses.quality_of_life.repeated_measures.reml import Fit, NotConvergedError, maximise
from analyses.quality_of_life.repeated_measures.robust import People
from analyses.quality_of_life.repeated_measures.small_sample import StandardError, Uncertainty


@dataclass(frozen=True)
class MixedModel:
    """A fitted mixed model for repeated measures.

    means: [group,] visit, n (people with a score there), mean, std_error, degrees_of_freedom,
    ci_lower, ci_upper; least-squares means at the mean baseline value, one row per group and visit
    somebody of the group answered. covariance: visits by visits. log_likelihood: restricted, as
    nlme gives it. n_people, n_scores: what it is fitted on. n_steps: how long the search was.
    """

    means: pd.DataFrame
    covariance: pd.DataFrame
    log_likelihood: float
    n_people: int
    n_scores: int
    n_steps: int
    _design: Design
    _uncertainty: Uncertainty
    _scale: float
    _coefficients: Floats
    _by: str | None
    _confidence: float

    def changes(self) -> pd.DataFrame:
        """Each later visit less the first one, group by group.

        Columns: [group,] visit, n (people with a score there), change, std_error,
        degrees_of_freedom, ci_lower, ci_upper; visits where a group has no mean, or none at the
        first, are left out.
        """
        cells, weights = [], []
        for group, name in enumerate(self._design.groups):
            for place, visit in enumerate(self._design.visits):
                one, first = self._cell(group, place), self._cell(group, 0)
                if place > 0 and self._design.estimable[[one, first]].all():
                    row = np.zeros(len(self._coefficients))
                    row[one], row[first] = 1.0, -1.0
                    cells.append({**({} if self._by is None else {self._by: name}), "visit": visit})
                    weights.append(row)
        found = self._combined(np.array(weights).reshape(len(cells), -1), "change")
        keys = ["visit"] if self._by is None else [self._by, "visit"]
        head = pd.DataFrame(cells, columns=keys)
        return pd.concat([head.merge(self.means[[*keys, "n"]], on=keys, how="left"), found], axis=1)

    def differences(self, reference: object) -> pd.DataFrame:
        """Each group less the reference group, visit by visit.

        Columns: [group,] visit, difference, std_error, degrees_of_freedom, ci_lower, ci_upper,
        p_value (two-sided t test); visits where either has no mean are left out. AnalysisError
        when there are no groups or the reference is none of them.
        """
        if self._by is None or reference not in self._design.groups:
            message = f"there is no group {reference!r} to take differences from"
            raise AnalysisError(message)
        from scipy.special import stdtr

        base = self._design.groups.index(reference)
        cells, weights = [], []
        for group, name in enumerate(self._design.groups):
            for place, visit in enumerate(self._design.visits):
                one, other = self._cell(group, place), self._cell(base, place)
                if group != base and self._design.estimable[[one, other]].all():
                    row = np.zeros(len(self._coefficients))
                    row[one], row[other] = 1.0, -1.0
                    cells.append({self._by: name, "visit": visit})
                    weights.append(row)
        found = self._combined(np.array(weights).reshape(len(cells), -1), "difference")
        statistic = (found["difference"] / found["std_error"]).abs()
        p_value = 2 * stdtr(found["degrees_of_freedom"], -statistic)
        head = pd.DataFrame(cells, columns=[self._by, "visit"])
        return pd.concat([head, found.assign(p_value=p_value)], axis=1)

    def _cell(self, group: int, place: int) -> int:
        return place * int(self._design.covariates.shape[1]) + group

    def _combined(self, weights: Floats, name: str) -> pd.DataFrame:
        return _estimates(
            self._coefficients, self._uncertainty, weights, self._scale, self._confidence, name
        )


def mixed_model(
    frame: pd.DataFrame,
    *,
    unit: str = "unit",
    visit: str = "visit",
    value: str = "value",
    by: str | None = None,
    baseline: str | None = None,
    visits: Sequence[object] | None = None,
    std_error: StandardError = "robust",
    confidence: float = 0.95,
) -> MixedModel:
    """Mean scores by group and visit by restricted maximum likelihood, covariance unstructured.

    Args:
        frame: one row per person and visit: `unit`, `visit`, `value` (rows without one are left
            out), and the person's group `by` and score at `baseline`, where asked for.
        baseline: a covariate with a slope of its own at every visit. For a model of change, give
            the change as `value`, leave the baseline visit out and name its score here.
        visits: their order; sorted when not given.
        std_error: `robust` (valid for scores missing at random, whatever their law), `observed` (if
            they are normal with one covariance), `expected` (those of R's
            nlme::gls with corSymm, varIdent and REML; too small when many drop out by their score)
            or `kenward_roger` (small samples that lose few scores). See `small_sample`.

    Degrees of freedom are Satterthwaite's. Groups share the covariance. The estimand is
    hypothetical: scores that are missing, those after a death included, are taken as if they had
    gone on like those of people with the same scores so far (missing at random), so that the mean
    is the one if nobody had died or dropped out.

    Source: Mallinckrodt et al., Drug Inf J 2008;42:303-319; Kenward & Molenberghs, Stat Sci
    1998;13:236-247; Kenward & Roger, Biometrics 1997;53:983-997.

    Raises:
        AnalysisError: a column is missing or empty, a score is given twice, or too few people
            answered two visits both. NotConvergedError, of the same kind: no maximum was found.
    """
    laid_out = design(
        frame, unit=unit, visit=visit, value=value, by=by, baseline=baseline, visits=visits
    )
    # The search is on scores of mean 0 and deviation 1, whatever the scale of the instrument.
    centre, scale = float(np.nanmean(laid_out.scores)), float(np.nanstd(laid_out.scores))
    if scale == 0:
        message = "every score is the same; there is nothing to model"
        raise NotConvergedError(message)
    people = People(laid_out.covariates, (laid_out.scores - centre) / scale)
    fit = maximise(reduce_to_patterns(*people), laid_out.estimable)
    try:
        uncertainty = Uncertainty(fit.likelihood, std_error, people)
    except np.linalg.LinAlgError:
        message = "the mixed model did not converge: its information is singular"
        raise NotConvergedError(message) from None
    return _model(laid_out, fit, uncertainty, (centre, scale), by, confidence)


def _model(
    laid_out: Design,
    fit: Fit,
    uncertainty: Uncertainty,
    centre_and_scale: tuple[float, float],
    by: str | None,
    confidence: float,
) -> MixedModel:
    centre, scale = centre_and_scale
    likelihood = fit.likelihood
    answered = ~np.isnan(laid_out.scores)
    estimable = laid_out.estimable.reshape(len(laid_out.visits), -1)
    cells = [
        (group, place)
        for group in range(len(laid_out.groups))
        for place in range(len(laid_out.visits))
        if estimable[place, group]
    ]
    weights = np.zeros((len(cells), laid_out.estimable.size))
    for row, (group, place) in enumerate(cells):
        weights[row, place * estimable.shape[1] + group] = 1.0
    means = _estimates(likelihood.coefficients, uncertainty, weights, scale, confidence, "mean")
    means[["mean", "ci_lower", "ci_upper"]] += centre
    in_group = answered.T.astype(int) @ laid_out.covariates.astype(int)[:, : len(laid_out.groups)]
    head = {
        "visit": [laid_out.visits[place] for _, place in cells],
        "n": [int(in_group[place, group]) for group, place in cells],
    }
    if by is not None:
        head = {by: [laid_out.groups[group] for group, _ in cells], **head}
    n_free = likelihood.patterns.n_scores - int(laid_out.estimable.sum())
    return MixedModel(
        means=pd.concat([pd.DataFrame(head), means], axis=1),
        covariance=pd.DataFrame(
            likelihood.sigma * scale**2, index=laid_out.visits, columns=laid_out.visits
        ),
        log_likelihood=likelihood.value - n_free * float(np.log(scale)),
        n_people=int(likelihood.patterns.n.sum()),
        n_scores=likelihood.patterns.n_scores,
        n_steps=fit.n_steps,
        _design=laid_out,
        _uncertainty=uncertainty,
        _scale=scale,
        _coefficients=likelihood.coefficients,
        _by=by,
        _confidence=confidence,
    )


def _estimates(
    coefficients: Floats,
    uncertainty: Uncertainty,
    weights: Floats,
    scale: float,
    confidence: float,
    name: str,
) -> pd.DataFrame:
    """Combinations of coefficients with their limits, on the scale of the scores."""
    from scipy.special import stdtrit

    error, freedom = uncertainty.of(weights)
    estimate, half_width = weights @ coefficients, stdtrit(freedom, 0.5 + confidence / 2) * error
    return pd.DataFrame(
        {
            name: estimate * scale,
            "std_error": error * scale,
            "degrees_of_freedom": freedom,
            "ci_lower": (estimate - half_width) * scale,
            "ci_upper": (estimate + half_width) * scale,
        }
    )
