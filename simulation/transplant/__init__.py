"""The European-style cell therapy registry: forms by reporting period, events told again and again.

Belongs here: who is in it, what its forms tell, their dirt and the truth of both. Does not: the
CAR-T patients' lives, which are those of `simulation.cart`.
"""

from simulation.transplant.episodes import episodes
from simulation.transplant.files import KINDS, write
from simulation.transplant.links import links
from simulation.transplant.members import histories, known

__all__ = ["KINDS", "episodes", "histories", "known", "links", "write"]
