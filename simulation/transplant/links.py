"""The truth of who is who: each patient of the transplant registry beside the CAR-T registry's."""

from dataclasses import dataclass

import pandas as pd

FIELDS = ("male", "birth_year", "product", "centre", "infusion_date")
"""What a linkage without a shared number can compare, as each registry delivers it."""


@dataclass(frozen=True)
class Elsewhere:
    """What the other sources deliver on the same day.

    cart: what `cart.registry.known` gave. unmapped: national numbers whose product the CAR-T
    registry delivers under an unknown code. told: events of its persons (national_number, kind,
    date).
    """

    cart: pd.DataFrame
    unmapped: pd.Series
    told: pd.DataFrame


def linked(found: pd.DataFrame) -> pd.Series:
    """National numbers by registry_id of those a linkage finds, of what `links` gave."""
    sure = found[found["link"] == "linked"]
    return sure.set_index("registry_id")["national_number"]


def links(people: pd.DataFrame, cart: pd.DataFrame, unmapped: pd.Series) -> pd.DataFrame:
    """One row a patient of a transplant delivery.

    Columns: registry_id, national_number (of the same person in the CAR-T registry, empty for
    others), link: `linked` (all fields agree, and with nobody else), `ambiguous` (all fields agree
    with a CAR-T patient, and somebody else of either registry has them too), `contradicted` (all
    fields agree but the month of birth), `fields_differ` (the same person, told differently),
    `none`. `people`: as delivered; `cart`: what `cart.registry.known` gave for the same day;
    `unmapped`: national numbers whose product the CAR-T registry delivers under an unknown code.
    """
    here = _fields(people).assign(registry_id=people["registry_id"])
    there = _fields(cart).assign(number=cart["national_number"])
    there = there[~there["number"].isin(unmapped) & there["infusion_date"].notna()]
    pairs = here.merge(there, on=list(FIELDS), suffixes=("", "_there"))
    group = pairs.groupby(list(FIELDS))
    alone = (group["registry_id"].transform("nunique") == 1) & (
        group["number"].transform("nunique") == 1
    )
    verdict = pd.Series("linked", index=pairs.index)
    verdict = verdict.mask(pairs["birth_month"] != pairs["birth_month_there"], "contradicted")
    pairs["verdict"] = verdict.where(alone, "ambiguous")
    found = pairs.drop_duplicates("registry_id").set_index("registry_id")["verdict"]
    same = people["shared"].astype(bool) & people["national_number"].isin(cart["national_number"])
    told = pd.Series("none", index=people.index).mask(same, "fields_differ")
    return pd.DataFrame(
        {
            "registry_id": people["registry_id"],
            "national_number": people["national_number"].where(same, ""),
            "link": people["registry_id"].map(found).fillna(told),
        }
    )


def _fields(people: pd.DataFrame) -> pd.DataFrame:
    named = {name: people[name] for name in FIELDS if name != "birth_year"}
    birth = people["birth_date"].dt
    return pd.DataFrame({**named, "birth_year": birth.year, "birth_month": birth.month})
