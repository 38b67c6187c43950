"""Hospital stays of the hospital group (PMSI): GHM, cost, intensive care, and deaths in hospital.

Belongs here: stays, their files and their dirt. Does not: the patients, who are those of
`simulation.cart`, nor their dates, which the stays follow.
"""

from simulation.pmsi.files import KINDS, Delivered, write

__all__ = ["KINDS", "Delivered", "write"]
