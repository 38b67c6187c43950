"""Who is in the transplant registry: CAR-T patients of some centres, and people of its own.

The registry numbers its patients itself; which of them are patients of the CAR-T registry is in the
truth alone. Some of its own people are twins of CAR-T patients in all that a linkage can compare.
"""

import datetime as dt
import zlib

import numpy as np
import pandas as pd

from simulation.calendar import plus
from simulation.cart import registry
from simulation.cart.history import history as cart_history
from simulation.planting import amount, pick
from simulation.streams import stream
from simulation.text import numbered

CENTRES = 16
"""The first centres of the CAR-T registry report to this one too."""
MOST = 2_000
"""Most CAR-T patients that take part: a workbook is no place for more."""
_SHARE_OF_OTHERS = 0.2
_SHARE_OF_TWINS = 0.02


def histories(cart: pd.DataFrame, seed: int, last_delivery: dt.date) -> pd.DataFrame:
    """Everybody the registry will ever hold, with what truly happened to them.

    Columns of `cart.history`; besides, registry_id, upn (number of the hospital), shared (also a
    patient of the CAR-T registry) and twin_of (national number of the CAR-T patient it equals in
    sex, birth year, product, centre and infusion date; empty for most).
    """
    rng = stream(seed, "transplant.members")
    infused = cart["infusion_date"].notna() & (cart["centre"] < CENTRES)
    shared = cart[infused].sort_values("treatment_number").head(MOST)
    size = amount(len(shared), _SHARE_OF_OTHERS) + 4
    others = cart_history(2 * size, _other_seed(seed), last_delivery)
    others = others[others["infusion_date"].notna()].head(size).reset_index(drop=True)
    others["centre"] = others["centre"].to_numpy() % CENTRES
    others = _twins(others, shared, rng)
    out = pd.concat(
        [
            shared.assign(shared=True, twin_of=""),
            others.assign(shared=False, national_number=""),
        ],
        ignore_index=True,
    )
    number = rng.permutation(len(out)) + 1
    out["treatment_number"] = number
    return out.assign(
        registry_id=numbered("CT", number, 6),
        upn=numbered("U", 1_000_000 + rng.permutation(len(out)), 7),
    )


def _other_seed(seed: int) -> int:
    return zlib.crc32(f"transplant registry, {seed}".encode())


def _twins(others: pd.DataFrame, shared: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """The first of the others, their lives moved onto the infusion of a CAR-T patient each."""
    count = max(2, amount(len(shared), _SHARE_OF_TWINS)) if len(shared) else 0
    originals = shared.iloc[pick(rng, np.arange(len(shared)), min(count, len(others) // 2))]
    rows = np.arange(len(originals))
    move = (
        originals["infusion_date"].to_numpy() - others.loc[rows, "infusion_date"].to_numpy()
    ).astype("timedelta64[D]")
    out = others.assign(twin_of="")
    out["twin_of"] = out["twin_of"].astype(object)
    for name in [column for column in others if column.endswith("_date")]:
        moved = others.loc[rows, name].to_numpy().astype("datetime64[D]") + move
        out.loc[rows, name] = moved
    for name in ("male", "product", "group", "centre"):
        out.loc[rows, name] = originals[name].to_numpy()
    year = originals["birth_date"].dt.year.to_numpy()
    out.loc[rows, "birth_date"] = plus(
        (year - 1970).astype("datetime64[Y]").astype("datetime64[D]"),
        rng.integers(0, 365, len(rows)),
    )
    out.loc[rows, "twin_of"] = originals["national_number"].to_numpy()
    return out


def known(members: pd.DataFrame, delivery: dt.date) -> pd.DataFrame:
    """The patients of a delivery, infused by their data lock, with what is known by then: columns
    added as by `cart.registry.known`."""
    out = registry.known(members, delivery)
    return out[out["infusion_date"].notna()].reset_index(drop=True)
