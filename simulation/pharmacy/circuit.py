"""The circuits of one hospital group as they truly went: one row an order, dates and codes.

Every step happens after the one before; what the pharmacy's sheets make of it is in `files.py`.
"""

import numpy as np
import pandas as pd

from simulation.calendar import plus
from simulation.streams import stream
from simulation.text import numbered

CENTRES = 8
"""The centres of the hospital group: its pharmacy and its hospital stays are delivered."""
MOST = 5_000
"""Most patients whose circuit is delivered: a workbook is no place for more."""


def of_the_group(known: pd.DataFrame) -> pd.DataFrame:
    """The CAR-T patients of the hospital group, of what `cart.registry.known` gave."""
    mine = known[known["centre"] < CENTRES].sort_values("treatment_number")
    return mine.head(MOST).reset_index(drop=True)


def circuit(known: pd.DataFrame, seed: int) -> pd.DataFrame:
    """One row an order of `of_the_group`, in the order of treatment numbers.

    Columns: national_number, surname, product, order_id, identity_code (chain of identity),
    batch_number, dispensation_id, order_date, cancelled, receipt_date, outcome (CONFORME,
    HORS_SPEC, ECHEC or empty), release_date (by the hospital's pharmacist), dispensation_date. A
    date that has not come by the data lock is missing.
    """
    number = known["treatment_number"].to_numpy()
    rng = stream(seed, "pharmacy.circuit")
    draws = rng.integers(0, [3, 2], (int(number.max(initial=0)) + 1, 2))[number].astype(float)
    released = known["release_date"].to_numpy().astype("datetime64[D]")
    infused = known["infusion_date"].to_numpy().astype("datetime64[D]")
    # The manufacturer's release, the way to the hospital, the pharmacist's own release.
    receipt = np.fmin(plus(released, 1 + draws[:, 0]), infused)
    receipt = np.where(np.isnat(released), released, receipt)
    release = np.fmin(plus(receipt, draws[:, 1]), infused)
    release = np.where(np.isnat(receipt), receipt, release)
    lock = known["lock_date"].to_numpy().astype("datetime64[D]")
    nat = np.datetime64("NaT", "D")
    reason = np.where(known["drop_out_date"].notna(), known["drop_out_reason"], "")
    failed = reason == "manufacturing_failure"
    odd = number % 31 == 0
    received = ~np.isnat(receipt) & (receipt <= lock)
    outcome = np.where(received, np.where(odd, "HORS_SPEC", "CONFORME"), "")
    return pd.DataFrame(
        {
            "national_number": known["national_number"],
            "surname": known["surname"],
            "product": known["product"],
            "order_id": numbered("CMD", number, 7),
            "identity_code": numbered("COI", 10_000_000 + number * 7, 8),
            "batch_number": numbered("L", number, 7),
            "dispensation_id": numbered("D", number, 7),
            "order_date": known["order_date"].to_numpy().astype("datetime64[D]"),
            "cancelled": reason != "",
            "receipt_date": np.where(received, receipt, nat),
            "outcome": np.where(failed, "ECHEC", outcome),
            "release_date": np.where(received & (release <= lock), release, nat),
            "dispensation_date": infused,
        }
    )
