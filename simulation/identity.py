"""Invented people: national numbers, names and birth dates. Obviously made up, never real.

National patient numbers start with SYN and are shared by every simulated source, which is how the
same person is found in two of them.
"""

import numpy as np

from simulation.text import numbered

_SURNAMES = (
    "INVENTÉ", "FACTICE", "FICTIF", "SYNTHÈSE", "MODÈLE", "ESSAI", "EXEMPLE", "SIMULÉ",
    "MANNEQUIN", "PERSONNAGE", "IMAGINÉ", "SPÉCIMEN", "MAQUETTE", "ÉCHANTILLON", "FIGURANT",
)  # fmt: skip
_GIVEN = (
    "Alphée", "Bêta", "Gamma", "Delta", "Epsilonne", "Zêta", "Êta", "Thêta", "Iota", "Kappa",
    "Lambda", "Nu", "Omicron", "Sigma", "Oméga",
)  # fmt: skip


def national_numbers(count: int, rng: np.random.Generator, *, start: int) -> np.ndarray:
    """`count` distinct numbers, in random order so that none tells when its holder came."""
    return numbered("SYN", start + rng.permutation(count), 9)


def surnames(count: int, rng: np.random.Generator) -> np.ndarray:
    """Invented surnames, accents and all (the files are cp1252)."""
    return np.asarray(_SURNAMES, dtype=object)[rng.integers(0, len(_SURNAMES), count)]


def given_names(count: int, rng: np.random.Generator) -> np.ndarray:
    """Invented given names."""
    return np.asarray(_GIVEN, dtype=object)[rng.integers(0, len(_GIVEN), count)]


def departments(count: int, rng: np.random.Generator) -> np.ndarray:
    """French department codes of residence, 2A and 2B among them."""
    codes = [f"{n:02d}" for n in range(1, 96) if n != 20] + ["2A", "2B", "971", "974"]
    return np.asarray(codes, dtype=object)[rng.integers(0, len(codes), count)]
