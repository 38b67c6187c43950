"""The simulated gene therapy registry: three rare diseases, in the common extract format."""

from simulation.gene_therapy.files import write
from simulation.gene_therapy.lives import Lives, history

__all__ = ["Lives", "history", "write"]
