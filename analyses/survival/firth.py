"""Cox regression with Firth's penalty: for few events, or covariates that separate them.

Belongs here: the penalised likelihood, its maximum and its profile. Does not belong here: risk
sets (cox_risk.py) and what a caller sees (cox.py).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from analyses.errors import AnalysisError
from analyses.survival.arrays import Floats
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


@dataclass(frozen=True)
class FirthFit:
    """Coefficients, their covariance (inverse information at them), profile limits and p-values of
    penalised likelihood ratios; per unit of each covariate."""

    coefficients: Floats
    covariance: Floats
    lower: Floats
    upper: Floats
    p_value: Floats
    log_likelihood: float
    log_likelihood_null: float


def fit_firth(sets: EfronSets, design: Design, confidence: float) -> FirthFit:
    """Maximise l(beta) + log det I(beta) / 2 (Firth 1993; Heinze and Schemper 2001).

    Limits are those of the profile penalised likelihood, p-values of its ratio, as `coxphf` of R
    gives them. `log_likelihood` is penalised, and so is that at coefficients 0.
    """
    x = design.matrix
    if len(x) > MOST_TERMS:
        raise AnalysisError(f"Firth's penalty is for {MOST_TERMS} terms or fewer: leave some out")
    refuse_singular(Risk.at(sets, x, np.zeros(len(x))).information(sets, x), design)
    penalised = _Penalised(sets, x, design)
    free = tuple(range(len(x)))
    best, value = penalised.maximum(np.zeros(len(x)), free)
    _, information = penalised.at(best)
    covariance = np.linalg.inv(information)
    error = np.sqrt(np.diag(covariance))
    drop = normal_quantile(confidence) ** 2 / 2
    limits = np.array(
        [
            [penalised.profile_limit(best, value, j, side * error[j], drop) for side in (-1, 1)]
            for j in free
        ]
    )
    ratios = [2 * (value - penalised.held(best, j, 0.0)[1]) for j in free]
    # The penalty is of information per unit of each covariate.
    unit = float(np.log(design.scale).sum())
    return FirthFit(
        coefficients=best / design.scale,
        covariance=covariance / np.outer(design.scale, design.scale),
        lower=limits[:, 0] / design.scale,
        upper=limits[:, 1] / design.scale,
        p_value=np.array([chi_squared_p_value(max(ratio, 0.0), 1) for ratio in ratios]),
        log_likelihood=value + unit,
        log_likelihood_null=penalised.at(np.zeros(len(x)))[0] + unit,
    )


class _Penalised:
    """The penalised partial likelihood of scaled covariates."""

    def __init__(self, sets: EfronSets, x: Floats, design: Design) -> None:
        self.sets, self.x, self.design = sets, x, design

    def at(self, beta: Floats) -> tuple[float, Floats]:
        """Penalised log likelihood, and the information; -inf where that is not positive."""
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
        slope = _slope_of_information(self.sets, self.x, risk.score)
        penalty = np.einsum("jk,rjk->r", np.linalg.inv(information), slope) / 2
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


def _slope_of_information(sets: EfronSets, x: Floats, score: Floats) -> Floats:
    """dI / d beta_r as [r, j, k]: the third central moment of the covariates over each risk set,
    summed over the events, Efron's shares taken out of it."""
    terms, tied, share = len(x), sets.tied_cell, sets.share

    def moments(of: Floats) -> Floats:
        return (sets.at_risk(of)[tied] - share * sets.of_events(of)[tied]) / total

    total = sets.at_risk(score)[tied] - share * sets.of_events(score)[tied]
    first = np.array([moments(score * row) for row in x])
    second = np.empty((terms, terms, len(tied)))
    for j in range(terms):
        for k in range(j + 1):
            second[j, k] = second[k, j] = moments(score * x[j] * x[k])
    weight = sets.mean_weight[tied]
    slope = np.empty((terms, terms, terms))
    for r in range(terms):
        for j in range(r + 1):
            for k in range(j + 1):
                third = moments(score * x[r] * x[j] * x[k])
                third -= first[r] * second[j, k] + first[j] * second[r, k] + first[k] * second[r, j]
                third += 2 * first[r] * first[j] * first[k]
                found = float(weight @ third)
                for a, b, c in ((r, j, k), (r, k, j), (j, r, k), (j, k, r), (k, r, j), (k, j, r)):
                    slope[a, b, c] = found
    return slope
