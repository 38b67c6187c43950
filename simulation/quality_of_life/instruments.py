"""Item answers from a latent health (0 = typical before CAR-T cells, 1 = one SD better).

Item keys only, never wording. The EQ-5D-5L weights are needed for the truth of mean utilities and
because forms go missing by the utility last given.
"""

import numpy as np

EQ5D_ITEMS = ("mo", "sc", "ua", "pd", "ad")
QLQ_ITEMS = tuple(f"q{number}" for number in range(1, 31))

# French EQ-5D-5L value set: decrements of levels 1 to 5 (Andrade et al. 2020,
# PharmacoEconomics 38:413-425, doi 10.1007/s40273-019-00876-4; adjusted hybrid model).
_DECREMENTS = np.array(
    [
        [0.0, 0.03759, 0.04774, 0.17949, 0.32509],
        [0.0, 0.03656, 0.050781, 0.172251, 0.258331],
        [0.0, 0.03313, 0.03979, 0.15689, 0.24005],
        [0.0, 0.02198, 0.04704, 0.26374, 0.44399],
        [0.0, 0.02046, 0.04683, 0.20005, 0.25803],
    ]
)
_EQ5D_CUTS = np.array([-2.5, -1.5, -0.65, 0.25])
_EQ5D_EASE = np.array([0.15, 0.7, -0.25, -0.1, 0.0])
_QLQ_CUTS = np.array([-1.7, -0.7, 0.35])
_ITEM_NOISE = 0.7


def eq5d_levels(health: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Levels 1 to 5, shape (forms, 5) in the order of EQ5D_ITEMS."""
    felt = health[:, None] + _EQ5D_EASE + rng.normal(0.0, _ITEM_NOISE, (len(health), 5))
    return np.asarray(5 - np.searchsorted(_EQ5D_CUTS, felt, side="right"))


def utility(levels: np.ndarray) -> np.ndarray:
    """French EQ-5D-5L utility of levels of shape (forms, 5)."""
    lost = [_DECREMENTS[item, levels[:, item] - 1] for item in range(5)]
    return np.asarray(1.0 - np.sum(lost, axis=0))


def vas(health: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """EQ VAS, whole numbers 0 to 100."""
    score = 66.0 + 14.0 * health + rng.normal(0.0, 7.0, len(health))
    return np.clip(np.round(score), 0, 100).astype(np.int64)


def qlq_c30(health: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """QLQ-C30 answers, shape (forms, 30): 1 to 4, the last two 1 to 7."""
    ease = np.linspace(-0.4, 0.9, 28)[np.argsort(np.sin(np.arange(1, 29) * 12.9898))]
    felt = health[:, None] + ease + rng.normal(0.0, _ITEM_NOISE, (len(health), 28))
    answers = 4 - np.searchsorted(_QLQ_CUTS, felt, side="right")
    overall = 4.7 + 1.0 * health[:, None] + rng.normal(0.0, 0.7, (len(health), 2))
    return np.hstack([answers, np.clip(np.round(overall), 1, 7).astype(np.int64)])
