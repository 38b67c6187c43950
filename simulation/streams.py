"""Named random streams: one independent generator per seed and purpose.

A new purpose gets its own name and so leaves the numbers of every other purpose as they were.
"""

import zlib

import numpy as np


def stream(seed: int, *names: str | int) -> np.random.Generator:
    """A PCG64 generator for one seed and one purpose, the same on every platform and run."""
    words = [zlib.crc32(str(name).encode()) for name in names]
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence([seed, *words])))


def lattice(points: int, dimensions: int) -> np.ndarray:
    """Quasi-random points of the unit cube, shape (points, dimensions).

    The additive recurrence on powers of the generalised golden ratio: an average over it converges
    nearly as 1/points, so truths need thousands of points where Monte Carlo needs millions.
    """
    ratio = 2.0
    for _ in range(60):
        ratio = (1.0 + ratio) ** (1.0 / (dimensions + 1))
    steps = (1.0 / ratio) ** np.arange(1, dimensions + 1)
    index = np.arange(1, points + 1, dtype=float)[:, None]
    return np.clip((0.5 + index * steps) % 1.0, 1e-9, 1.0 - 1e-9)
