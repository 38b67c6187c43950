"""The hospital pharmacy's circuit of a cell therapy: order, batch, receipt, release, dispensation.

Belongs here: the pharmacy's workbook, its dirt and the truth of its chains of identity. Does not:
the patients, who are those of `simulation.cart`.
"""

from simulation.pharmacy.files import KINDS, Delivered, write

__all__ = ["KINDS", "Delivered", "write"]
