"""Coverage and size where the truth is known: contrasts, Gray's test, Fine-Gray regression.

Limits on what is found are four Monte Carlo errors wide.
"""

import numpy as np
import pandas as pd

from analyses.survival import (
    difference_of,
    fine_gray,
    gray_test,
    kaplan_meier,
    restricted_mean,
    survival_at,
)

HORIZON = 1.0


def within(hits: int, of: int, nominal: float, bias: float = 0.0) -> bool:
    """Whether a share is the nominal one, to Monte Carlo error and a stated small-sample bias."""
    return abs(hits / of - nominal) <= 4 * np.sqrt(nominal * (1 - nominal) / of) + bias


def test_differences_cover_what_integration_gives() -> None:
    """500 trials of 2 x 100, hazards 1 and 0.6, censored uniformly from 0.8 to 2.5."""
    replicates, n, hazards = 500, 100, np.array([1.0, 0.6])
    generator = np.random.default_rng(5)
    arm = np.tile(np.repeat([0, 1], n), replicates)
    end = generator.exponential(1 / hazards[arm])
    stop = generator.uniform(0.8, 2.5, len(arm))
    frame = pd.DataFrame(
        {
            "trial": np.repeat(np.arange(replicates), 2 * n),
            "arm": arm,
            "time": np.minimum(end, stop),
            "event": end <= stop,
        }
    )
    by = ["trial", "arm"]
    means = restricted_mean(frame, horizon=HORIZON, by=by)
    at = survival_at(kaplan_meier(frame, by=by), HORIZON)
    area, alive = (1 - np.exp(-hazards)) / hazards, np.exp(-hazards)
    for estimates, value, truth in ((means, "rmst", area), (at, "survival", alive)):
        hits = known = 0
        for _, trial in estimates.groupby("trial"):
            row = difference_of(trial, value, by="arm").iloc[0]
            known += not np.isnan(row["difference"])
            hits += row["ci_lower"] <= truth[1] - truth[0] <= row["ci_upper"]
        assert known == replicates
        # Normal limits at 100 people an arm fall a little short.
        assert within(hits, replicates, 0.95, bias=0.01), (value, hits)


def test_gray_keeps_its_size_where_competing_hazards_differ() -> None:
    """The subdistribution of cause 1 is the same in both groups: 0.5 (1 - exp(-t)). The competing
    events of group b come three times as fast, so that its cause-specific hazards differ."""
    replicates, n = 600, 100
    generator = np.random.default_rng(6)
    rejected = 0
    for _ in range(replicates):
        group = np.repeat(["a", "b"], n)
        own = generator.random(2 * n) < 0.5
        end = generator.exponential(np.where(own | (group == "a"), 1.0, 1 / 3))
        stop = generator.uniform(0.5, 3, 2 * n)
        cause = np.where(end <= stop, np.where(own, 1, 2), 0)
        frame = pd.DataFrame({"time": np.minimum(end, stop), "cause": cause, "group": group})
        rejected += gray_test(frame, by="group").p_value < 0.05
    assert within(rejected, replicates, 0.05, bias=0.005), rejected


def test_fine_gray_covers_the_subdistribution_hazard_ratios() -> None:
    """Fine and Gray (1999), section 5: P(cause 1 by t | z) = 1 - (1 - p (1 - exp(-t)))^exp(b z),
    the competing event exponential; p = 0.3, b = (0.5, -0.5), 200 people, a third censored."""
    replicates, n, p, beta = 300, 200, 0.3, np.array([0.5, -0.5])
    generator = np.random.default_rng(7)
    hits, estimates = np.zeros(2), []
    for _ in range(replicates):
        z = generator.normal(size=(n, 2))
        risk = np.exp(z @ beta)
        share = 1 - (1 - p) ** risk
        u = generator.random(n)
        own = u < share
        # Where the subdistribution of the cause reaches u.
        inner = np.where(own, (1 - (1 - np.where(own, u, 0)) ** (1 / risk)) / p, 0.5)
        end = np.where(own, -np.log(1 - inner), generator.exponential(1 / np.exp(z @ -beta)))
        stop = generator.uniform(0, 4, n)
        cause = np.where(end <= stop, np.where(own, 1, 2), 0)
        frame = pd.DataFrame({"time": np.minimum(end, stop), "cause": cause})
        fit = fine_gray(frame.assign(x=z[:, 0], y=z[:, 1]), covariates=["x", "y"]).coefficients
        estimates.append(fit["coefficient"].to_numpy())
        low, high = np.log(fit["ci_lower"].to_numpy()), np.log(fit["ci_upper"].to_numpy())
        hits += (low <= beta) & (beta <= high)
    # A sandwich on some 50 events is a little small.
    assert all(within(one, replicates, 0.95, bias=0.015) for one in hits), hits / replicates
    error = np.std(estimates, axis=0) / np.sqrt(replicates)
    assert np.all(np.abs(np.mean(estimates, axis=0) - beta) < 4 * error + 0.02)
