"""Cox regression with Firth's penalty: for few events, or covariates that separate them.

Belongs here: the penalised likelihood, its maximum and its profile. Does not belong here: risk
sets (cox_risk.py) and what a caller sees (cox.py).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from analyses.errors import AnalysisError
from analyses.survival.arrays import Floats, sum_at
from analyses.survival.cox_design import Design
from analyses.survival.cox_fit import refuse_singular
from analyses.survival.cox_risk import EfronSets, Risk
from analyses.survival.limits import chi_squared_p_value, normal_quantile

MOST_STEPS = 200
# Steps are in standard deviations of a covariate.
STEP_TOLERANCE = 1e-9
LONGEST_STEP = 2.0
# Of what the gradient promises of a step: a half on the top of a parabola.
LEAST_GAIN = 0.25
MOST_TERMS = 30
# Of the likelihood, in the search for one limit; a few dozen is usual.
MOST_EVALUATIONS = 1000


@dataclass(frozen=True)
class FirthFit:
    """Coefficients, their covariance (inverse information at them), profile limits and p-values of
    penalised likelihood ratios; per unit of each covariate. `wald`: terms whose profile was not
    found, with limits and p-value of Wald's instead."""

    coefficients: Floats
    covariance: Floats
    lower: Floats
    upper: Floats
    p_value: Floats
    log_likelihood: float
    log_likelihood_null: float
    wald: tuple[str, ...] = ()


def fit_firth(sets: EfronSets, design: Design, confidence: float) -> FirthFit:
    """Maximise l(beta) + log det I(beta) / 2 (Firth 1993; Heinze and Schemper 2001).

    Limits are those of the profile penalised likelihood, p-values of its ratio, as `coxphf` of R
    gives them; where the search for one does not end, Wald's. `log_likelihood` is penalised, and so
    is that at coefficients 0.
    """
    x = design.matrix
    if len(x) > MOST_TERMS:
        raise AnalysisError(f"Firth's penalty is for {MOST_TERMS} terms or fewer: leave some out")
    refuse_singular(Risk.at(sets, x, np.zeros(len(x))).information(sets, x), design)
    penalised = _Penalised(sets, x, design)
    free = tuple(range(len(x)))
    null, _ = penalised.at(np.zeros(len(x)))
    best, value = penalised.maximum(np.zeros(len(x)), free)
    _, information = penalised.at(best)
    covariance = np.linalg.inv(information)
    error = np.sqrt(np.diag(covariance))
    width = normal_quantile(confidence)
    limits, p_value, wald = np.empty((len(x), 2)), np.empty(len(x)), []
    for j, term in enumerate(design.terms):
        try:
            limits[j] = [
                penalised.profile_limit(best, value, j, side * error[j], width**2 / 2)
                for side in (-1, 1)
            ]
            ratio = 2 * (value - penalised.held(best, j, 0.0)[1])
            p_value[j] = chi_squared_p_value(max(ratio, 0.0), 1)
        except AnalysisError:
            limits[j] = best[j] + width * error[j] * np.array([-1, 1])
            p_value[j] = chi_squared_p_value(float(best[j] / error[j]) ** 2, 1)
            wald.append(term)
    # The penalty is of information per unit of each covariate.
    unit = float(np.log(design.scale).sum())
    return FirthFit(
        coefficients=best / design.scale,
        covariance=covariance / np.outer(design.scale, design.scale),
        lower=limits[:, 0] / design.scale,
        upper=limits[:, 1] / design.scale,
        p_value=p_value,
        log_likelihood=value + unit,
        log_likelihood_null=null + unit,
        wald=tuple(wald),
    )


class _Penalised:
    """The penalised partial likelihood of scaled covariates."""

    def __init__(self, sets: EfronSets, x: Floats, design: Design) -> None:
        self.sets, self.x, self.design = sets, x, design
        self.evaluations = 0

    def at(self, beta: Floats) -> tuple[float, Floats]:
        """Penalised log likelihood, and the information; -inf where that is not positive."""
        self.evaluations += 1
        with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
            risk = Risk.at(self.sets, self.x, beta)
            information = risk.information(self.sets, self.x)
        if not (np.isfinite(risk.log_likelihood) and np.all(np.isfinite(information))):
            return -np.inf, information
        sign, log_determinant = np.linalg.slogdet(information)
        value = risk.log_likelihood + log_determinant / 2 if sign > 0 else -np.inf
        return float(value), information

    def score(self, beta: Floats, information: Floats) -> Floats:
        """Gradient of `at`: the score plus half the trace of I^-1 dI / d beta_r for each r."""
        risk = Risk.at(self.sets, self.x, beta)
        inverse: Floats = np.linalg.inv(information).astype(np.float64)
        penalty = _slope_of_penalty(self.sets, self.x, risk, inverse)
        gradient: Floats = risk.gradient(self.sets, self.x) + penalty
        return gradient

    def maximum(self, start: Floats, free: Sequence[int]) -> tuple[Floats, float]:
        """Newton's method in some coefficients, the others held. The information of the likelihood
        stands for that of the penalised one, as in coxphf: with few events it is too small, so
        steps that gain too little are halved, and those after them too."""
        beta, chosen = start.copy(), list(free)
        value, information = self.at(beta)
        factor = 1.0
        if not chosen:
            return beta, value
        for _ in range(MOST_STEPS):
            if self.evaluations > MOST_EVALUATIONS:
                break
            gradient = self.score(beta, information)[chosen]
            step = np.linalg.solve(information[np.ix_(chosen, chosen)], gradient)
            step *= min(factor, LONGEST_STEP / max(float(np.abs(step).max()), 1e-300))
            allowed = 1e-11 * (1 + abs(value))
            for _ in range(40):
                moved = beta.copy()
                moved[chosen] += step
                reached, at_moved = self.at(moved)
                if reached >= value + LEAST_GAIN * float(gradient @ step) - allowed:
                    break
                step, factor = step / 2, factor / 2
            beta, value, information = moved, reached, at_moved
            if np.abs(step).max() < STEP_TOLERANCE * (1 + np.abs(beta).max()):
                return beta, value
        names = self.design.names(np.arange(len(self.x)))
        raise AnalysisError(f"the penalised fit of {names} did not converge: leave some out")

    def held(self, start: Floats, term: int, at: float) -> tuple[Floats, float]:
        """The maximum with one coefficient held."""
        beta = start.copy()
        beta[term] = at
        return self.maximum(beta, [j for j in range(len(beta)) if j != term])

    def profile_limit(
        self, best: Floats, value: float, term: int, reach: float, drop: float
    ) -> float:
        """Where the profile has fallen by `drop` on the side of `reach`; infinite if it never does.

        The search begins from the maximum at the place before, so that each is a few steps.
        """
        from scipy.optimize import brentq

        kept = best
        self.evaluations = 0

        def below(at: float) -> float:
            nonlocal kept
            kept, reached = self.held(kept, term, at)
            return value - reached - drop

        inside, outside = float(best[term]), float(best[term] + 2 * reach)
        for _ in range(12):
            if below(outside) > 0:
                break
            inside, outside = outside, float(outside + 2 * (outside - best[term]))
        else:
            return float(np.sign(reach) * np.inf)
        return float(brentq(below, inside, outside, xtol=1e-10))


def _slope_of_penalty(sets: EfronSets, x: Floats, risk: Risk, inverse: Floats) -> Floats:
    """Half the trace of I^-1 dI / d beta_r for each term r.

    dI / d beta_r is the third central moment of the covariates over each risk set, summed over the
    events. In the trace it is the covariance of x_r with (x - mean)' I^-1 (x - mean), so that sums
    over rows and over events need no cube of terms.
    """
    tied, share, size = sets.tied_cell, sets.share, sets.n_cells
    total = sets.at_risk(risk.score)[tied] - share * sets.of_events(risk.score)[tied]
    mean = (risk.sum_x[:, tied] - share * risk.event_x[:, tied]) / total
    spread = np.einsum("jn,jn->n", x, inverse @ x)
    weighted = risk.score * spread
    mean_spread = (sets.at_risk(weighted)[tied] - share * sets.of_events(weighted)[tied]) / total
    weight = sets.mean_weight[tied]

    def over(values: Floats) -> Floats:
        """Sum over the events each row is at risk at, the shares Efron took out left out."""
        each = weight * values / total
        summed = sets.over_run(sum_at(tied, size, each))
        summed[sets.event] -= sum_at(tied, size, share * each)[sets.cell]
        return summed

    turned = inverse @ mean
    of_rows = spread * over(np.ones(len(tied)))
    for row, value in zip(x, turned, strict=True):
        of_rows -= 2 * row * over(value)
    of_events = weight * (2 * np.einsum("je,je->e", mean, turned) - mean_spread)
    slope: Floats = (x @ (risk.score * of_rows) + mean @ of_events) / 2
    return slope
