"""The simulated gene therapy registry: three rare diseases, in the common extract format."""

from simulation.gene_therapy.files import write
from simulation.gene_therapy.lives import Lives, history
from simulation.gene_therapy.observed import (
    observed_bleeds,
    observed_endpoints,
    observed_populations,
)

__all__ = [
    "Lives", "history", "observed_bleeds", "observed_endpoints", "observed_populations", "write",
]  # fmt: skip
