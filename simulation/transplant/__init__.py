"""The European-style cell therapy registry: forms by reporting period, events told again and again.

Belongs here: who is in it, what its forms tell, their dirt and the truth of both. Does not: the
CAR-T patients' lives, which are those of `simulation.cart`.
"""

from simulation.transplant.episodes import episodes
from simulation.transplant.files import KINDS, write
from simulation.transplant.gvhd import gvhd
from simulation.transplant.links import Elsewhere
from simulation.transplant.members import histories, known

__all__ = ["KINDS", "Elsewhere", "episodes", "gvhd", "histories", "known", "write"]
