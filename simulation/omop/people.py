"""Who the hospital treated, with its own numbers: CAR-T patients of three centres, and a few more.

Nothing here is cut at a delivery, nothing is dirty.
"""

import datetime as dt

import numpy as np
import pandas as pd

from simulation.cart import registry
from simulation.cart.history import history as cart_history
from simulation.identity import national_numbers
from simulation.streams import stream

CENTRES = (0, 1, 2)
"""Centres of the hospital group, by the index of the CAR-T cohort: C01 to C03."""
STRANGERS_PER_CART_PATIENT = 0.02
_OTHER_SEED = 7_000_003


def people(cart: pd.DataFrame, patients: int, seed: int, last: dt.date) -> pd.DataFrame:
    """The columns of `cart.history` for the hospital's patients, infused or not.

    Adds person_id (a small whole number of the warehouse), in_registry (False for those treated
    outside the registry, who exist nowhere else), first_seen_date, hears_of_death (whether the
    hospital learns of the death) and quiet_days (from its last contact to what the registry knows).
    """
    more = max(10, round(patients * STRANGERS_PER_CART_PATIENT))
    # Of another seed, so that they are nobody of the registry.
    strangers = cart_history(more, seed + _OTHER_SEED, last)
    mine = cart[cart["centre"].isin(CENTRES)].assign(in_registry=True)
    others = strangers.assign(in_registry=False, centre=np.arange(len(strangers)) % len(CENTRES))
    out = pd.concat([mine, others], ignore_index=True)
    rng = stream(seed, "omop.people")
    size = len(out)
    strange = ~out["in_registry"].to_numpy()
    out.loc[strange, "national_number"] = national_numbers(more, rng, start=800_000_001)
    first = out["decision_date"] - pd.to_timedelta(rng.integers(20, 900, size), unit="D")
    return out.assign(
        person_id=10_000 + rng.permutation(size),
        first_seen_date=first,
        hears_of_death=rng.random(size) < 0.8,
        quiet_days=rng.integers(0, 60, size),
    )


def known(persons: pd.DataFrame, delivery: dt.date) -> pd.DataFrame:
    """The infused by a delivery with what the hospital knows; an unknown death is no date.

    The hospital never knows more than the registry: last_contact_date is the registry's end of
    follow-up or some days before, never before the infusion.
    """
    seen = registry.known(persons, delivery)
    seen = seen[seen["infusion_date"].notna()].reset_index(drop=True)
    end = seen["follow_up_end"]
    unheard = seen["death_date"].notna() & ~seen["hears_of_death"]
    quiet = pd.to_timedelta(seen["quiet_days"].where(seen["death_date"].isna() | unheard, 0), "D")
    contact = (end - quiet).clip(lower=seen["infusion_date"])
    out = seen.assign(
        last_contact_date=contact,
        registry_death_date=seen["death_date"],
        death_date=seen["death_date"].mask(unheard),
    )
    for name in ("progression", "next_treatment", "crs", "icans"):
        later = out[f"{name}_date"] > contact
        out[f"{name}_date"] = out[f"{name}_date"].mask(later)
    return out
