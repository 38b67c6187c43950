"""Laws of curves whose truth is known, and the intervals our estimators give on samples of them.

A `Law` draws replicates of `n` people and returns, for each estimate, the limits of every
replicate; its truths are closed forms, or sums over days where no closed form exists. Durations of
curves are whole days, as registries record them (the day is rounded up, so that survival at the end
of a day is that of the continuous law). Regression models are in `validation_models`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from analyses import survival

Limits = dict[str, tuple[np.ndarray, np.ndarray]]
SIZES = (60, 200, 1000)
HORIZONS = (182, 365, 730)
SHAPE, SCALE, LONGER_SCALE = 0.8, 550.0, 800.0
OWN_RATE, OTHER_RATE = 0.5 / 365, 0.3 / 365
FIRST_CENSORED, LAST_CENSORED = 180.0, 1460.0


@dataclass(frozen=True)
class Law:
    """`limits(generator, replicates, n)` has the keys of `truths`. `sizes` and `most_replicates`:
    where more take too long."""

    method: str
    truths: dict[str, float]
    limits: Callable[[np.random.Generator, int, int], Limits]
    sizes: tuple[int, ...] = SIZES
    most_replicates: int | None = None


def weibull_survival(day: np.ndarray | float, scale: float = SCALE) -> np.ndarray:
    return np.asarray(np.exp(-((np.asarray(day, dtype=float) / scale) ** SHAPE)))


def restricted_mean_of_days(horizon: int, scale: float) -> float:
    """Area under the survival of whole days, a step function: a finite sum."""
    return float(weibull_survival(np.arange(horizon), scale).sum())


def incidence(day: float, rate: float = OWN_RATE) -> float:
    both = OWN_RATE + OTHER_RATE
    return float(rate / both * -np.expm1(-both * day))


def median_day() -> float:
    """The first day by whose end survival is at most one half."""
    return float(np.ceil(SCALE * np.log(2) ** (1 / SHAPE)))


def mixed_survival(day: float) -> float:
    """Half of the people live by each scale, however many of them were sampled."""
    return float((weibull_survival(day, SCALE) + weibull_survival(day, LONGER_SCALE)) / 2)


def _days(
    generator: np.random.Generator, replicates: int, n: int, scale: np.ndarray | float = SCALE
) -> pd.DataFrame:
    size = replicates * n
    end = np.ceil(np.asarray(scale) * generator.weibull(SHAPE, size))
    return _censored(generator, np.maximum(end, 1.0), np.repeat(np.arange(replicates), n))


def _censored(
    generator: np.random.Generator, end: np.ndarray, replicate: np.ndarray
) -> pd.DataFrame:
    stop = np.ceil(generator.uniform(FIRST_CENSORED, LAST_CENSORED, len(end)))
    return pd.DataFrame(
        {"replicate": replicate, "time": np.minimum(end, stop), "event": end <= stop}
    )


def _at_horizons(curve: pd.DataFrame, label: str) -> Limits:
    at = survival.survival_at(curve, HORIZONS)
    return {
        f"{label}{horizon:.0f} days": (rows["ci_lower"].to_numpy(), rows["ci_upper"].to_numpy())
        for horizon, rows in at.groupby("horizon")
    }


def kaplan_meier_limits(generator: np.random.Generator, replicates: int, n: int) -> Limits:
    counts = survival.risk_table(_days(generator, replicates, n), by="replicate")
    found: Limits = {}
    for kind in ("log-log", "log", "plain"):
        curve = survival.kaplan_meier_from_counts(counts, conf_type=kind)
        found |= _at_horizons(curve, f"{kind} limits, ")
    median = survival.median_from_counts(counts)
    # An upper limit that is not reached is above every time.
    upper = median["ci_upper"].fillna(np.inf).to_numpy()
    return found | {"median (Brookmeyer-Crowley)": (median["ci_lower"].to_numpy(), upper)}


def late_entry_limits(generator: np.random.Generator, replicates: int, n: int) -> Limits:
    """Half of the people are known from a day of the first half-year on, if they live to see it."""
    candidates = _days(generator, replicates, 2 * n)
    late = generator.random(len(candidates)) < 0.5
    entry = np.where(late, np.floor(generator.uniform(1, 182, len(candidates))), 0.0)
    seen = candidates.assign(entry=entry)[candidates["time"] > entry]
    sample = seen[seen.groupby("replicate").cumcount() < n]
    return _at_horizons(
        survival.kaplan_meier(sample, entry="entry", by="replicate"), "log-log limits, "
    )


def weighted_limits(generator: np.random.Generator, replicates: int, n: int) -> Limits:
    """People of the longer scale are sampled three times as often, and weigh a third as much."""
    longer = generator.random(replicates * n) < 0.75
    frame = _days(generator, replicates, n, np.where(longer, LONGER_SCALE, SCALE))
    weighted = frame.assign(weight=np.where(longer, 0.5 / 0.75, 0.5 / 0.25))
    return _at_horizons(
        survival.kaplan_meier(weighted, weight="weight", by="replicate"), "log-log limits, "
    )


def incidence_limits(generator: np.random.Generator, replicates: int, n: int) -> Limits:
    size = replicates * n
    both = OWN_RATE + OTHER_RATE
    frame = _censored(
        generator,
        np.maximum(np.ceil(generator.exponential(1 / both, size)), 1.0),
        np.repeat(np.arange(replicates), n),
    )
    own = generator.random(size) < OWN_RATE / both
    frame["cause"] = np.where(frame["event"], np.where(own, 1, 2), 0)
    curve = survival.cumulative_incidence(frame, by="replicate", causes=[1, 2])
    return _at_horizons(curve[curve["cause"] == 1].drop(columns="cause"), "")


def contrast_limits(generator: np.random.Generator, replicates: int, n: int) -> Limits:
    """`n` people in two arms; differences are of independent groups."""
    arm = np.tile(np.repeat([0, 1], n // 2), replicates)
    frame = _days(generator, replicates, n, np.where(arm == 1, LONGER_SCALE, SCALE))
    counts = survival.risk_table(frame.assign(arm=arm), by=["replicate", "arm"])
    means = survival.restricted_mean_from_counts(counts, horizon=HORIZONS[1:])
    alive = survival.survival_at(survival.kaplan_meier_from_counts(counts), HORIZONS[1:])
    found: Limits = {}
    for value, estimates in (("rmst", means), ("survival", alive)):
        for horizon, rows in estimates.groupby("horizon"):
            # Each replicate is a horizon of its own to the function that takes differences.
            own = rows.drop(columns="horizon").rename(columns={"replicate": "horizon"})
            contrasts = survival.difference_of(own, value, by="arm")
            label = "restricted mean" if value == "rmst" else "survival"
            found[f"difference of {label}, {horizon:.0f} days"] = (
                contrasts["ci_lower"].to_numpy(),
                contrasts["ci_upper"].to_numpy(),
            )
            if value == "rmst":
                ratios = survival.ratio_of(own, value, by="arm")
                found[f"ratio of {label}s, {horizon:.0f} days"] = (
                    ratios["ci_lower"].to_numpy(),
                    ratios["ci_upper"].to_numpy(),
                )
    return found


CURVES = {
    "kaplan_meier": Law(
        "Kaplan-Meier",
        {
            f"{kind} limits, {day} days": float(weibull_survival(day))
            for kind in ("log-log", "log", "plain")
            for day in HORIZONS
        }
        | {"median (Brookmeyer-Crowley)": median_day()},
        kaplan_meier_limits,
    ),
    "late_entry": Law(
        "Kaplan-Meier, delayed entry",
        {f"log-log limits, {day} days": float(weibull_survival(day)) for day in HORIZONS},
        late_entry_limits,
    ),
    "weighted": Law(
        "Kaplan-Meier, probability weights",
        {f"log-log limits, {day} days": mixed_survival(day) for day in HORIZONS},
        weighted_limits,
    ),
    "incidence": Law(
        "Cumulative incidence (Aalen-Johansen)",
        {f"{day} days": incidence(day) for day in HORIZONS},
        incidence_limits,
    ),
    "contrasts": Law(
        "Contrasts of two arms",
        {
            label: value
            for day in HORIZONS[1:]
            for one, other in [
                (restricted_mean_of_days(day, SCALE), restricted_mean_of_days(day, LONGER_SCALE))
            ]
            for label, value in {
                f"difference of restricted mean, {day} days": other - one,
                f"ratio of restricted means, {day} days": other / one,
                f"difference of survival, {day} days": float(
                    weibull_survival(day, LONGER_SCALE) - weibull_survival(day)
                ),
            }.items()
        },
        contrast_limits,
    ),
}
