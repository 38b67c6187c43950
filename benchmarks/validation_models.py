"""Laws of regression models: coefficients that are known, and the intervals fits give.

Durations are continuous, as the models are. Curves are in `validation_laws`.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd

from analyses import survival
from analyses.errors import AnalysisError
from benchmarks.validation_laws import (
    FIRST_CENSORED,
    LAST_CENSORED,
    SCALE,
    SHAPE,
    Law,
    Limits,
)

Fits = dict[str, pd.DataFrame | None]
COX_TRUTH = {"treated": -0.5, "score": 0.3}
#: Fine and Gray (1999), section 5: the share of the cause at covariates 0.
SHARE, FINE_GRAY_TRUTH = 0.5, {"treated": 0.5, "score": -0.3}


def _covariates(generator: np.random.Generator, n: int) -> pd.DataFrame:
    return pd.DataFrame({"treated": generator.integers(0, 2, n), "score": generator.normal(size=n)})


def _linear(frame: pd.DataFrame, truth: dict[str, float]) -> np.ndarray:
    return np.asarray(sum(frame[name] * value for name, value in truth.items()), dtype=float)


def _cox_rows(generator: np.random.Generator, n: int) -> pd.DataFrame:
    frame = _covariates(generator, n)
    end = SCALE * np.exp(-_linear(frame, COX_TRUTH) / SHAPE) * generator.weibull(SHAPE, n)
    stop = generator.uniform(FIRST_CENSORED, LAST_CENSORED, n)
    return frame.assign(time=np.minimum(end, stop), event=end <= stop, person=np.arange(n))


def cox_limits(generator: np.random.Generator, replicates: int, n: int) -> Limits:
    def fits() -> Fits:
        rows, names = _cox_rows(generator, n), list(COX_TRUTH)
        return {
            "model variance": _coefficients(lambda: survival.cox(rows, covariates=names)),
            "robust variance": _coefficients(
                lambda: survival.cox(rows, covariates=names, cluster="person")
            ),
        }

    return _of_fits([fits() for _ in range(replicates)], COX_TRUTH)


def firth_limits(generator: np.random.Generator, replicates: int, n: int) -> Limits:
    def fit() -> Fits:
        rows, names = _cox_rows(generator, n), list(COX_TRUTH)
        return {"": _coefficients(lambda: survival.cox(rows, covariates=names, penalty="firth"))}

    return _of_fits([fit() for _ in range(replicates)], COX_TRUTH)


def fine_gray_limits(generator: np.random.Generator, replicates: int, n: int) -> Limits:
    """P(cause 1 by t | z) = 1 - (1 - p (1 - exp(-t)))^exp(b z), the competing event exponential."""

    def fit() -> Fits:
        frame = _covariates(generator, n)
        risk = np.exp(_linear(frame, FINE_GRAY_TRUTH))
        u = generator.random(n)
        own = u < 1 - (1 - SHARE) ** risk
        # Where the incidence of the cause reaches u.
        inner = np.where(own, (1 - (1 - np.where(own, u, 0)) ** (1 / risk)) / SHARE, 0.5)
        end = np.where(own, -np.log(1 - inner), generator.exponential(size=n))
        stop = generator.uniform(0.5, 4, n)
        cause = np.where(end <= stop, np.where(own, 1, 2), 0)
        rows = frame.assign(time=np.minimum(end, stop), cause=cause)
        names = list(FINE_GRAY_TRUTH)
        return {"": _coefficients(lambda: survival.fine_gray(rows, covariates=names))}

    return _of_fits([fit() for _ in range(replicates)], FINE_GRAY_TRUTH)


def _coefficients(fit: Callable[[], survival.CoxResult]) -> pd.DataFrame | None:
    """None where the sample has no estimate: the estimator said so."""
    try:
        return fit().coefficients
    except AnalysisError:
        return None


def _of_fits(fits: list[Fits], truth: dict[str, float]) -> Limits:
    none = np.full(len(truth), np.nan)
    found: Limits = {}
    for kind in fits[0]:
        sides = [
            np.array([none if one[kind] is None else np.log(one[kind][side]) for one in fits])
            for side in ("ci_lower", "ci_upper")
        ]
        for place, name in enumerate(truth):
            label = f"log hazard ratio of {name}" + (f", {kind}" if kind else "")
            found[label] = (sides[0][:, place], sides[1][:, place])
    return found


def _per_kind(truth: dict[str, float], kinds: tuple[str, ...]) -> dict[str, float]:
    return {
        f"log hazard ratio of {name}" + (f", {kind}" if kind else ""): value
        for kind in kinds
        for name, value in truth.items()
    }


MODELS = {
    "cox": Law("Cox", _per_kind(COX_TRUTH, ("model variance", "robust variance")), cox_limits),
    "fine_gray": Law("Fine-Gray", _per_kind(FINE_GRAY_TRUTH, ("",)), fine_gray_limits),
    "firth": Law(
        "Cox with Firth's penalty, profile limits",
        _per_kind(COX_TRUTH, ("",)),
        firth_limits,
        sizes=(60,),
        most_replicates=1000,
    ),
}
