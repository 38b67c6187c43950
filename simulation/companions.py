"""The sources that see the CAR-T patients from elsewhere: transplant registry, pharmacy, stays.

Belongs here: writing the three of a delivery, and their truth, beside the CAR-T registry's. Does
not: what each of them holds.
"""

import datetime as dt
from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from simulation import pharmacy, pmsi, transplant
from simulation.planting import Ledger
from simulation.truth_files import write_parquet

KINDS = {
    "pharmacy": pharmacy.KINDS,
    "pmsi": pmsi.KINDS,
    "transplant_registry": transplant.KINDS,
}
SOURCES = tuple(KINDS)
README = """transplant_registry/<date>.parquet  who each of its patients is in the CAR-T registry,
                             and what a linkage on sex, birth (year, then month), product, centre
                             and infusion date can say: linked, ambiguous, contradicted,
                             fields_differ or none
transplant_registry_episodes/<date>.parquet  each episode its forms tell: first onset, last told
                             resolution, highest grade, number of forms
pharmacy/<date>.parquet      each circuit as delivered, and whether its chain of identity is intact
pmsi/<date>.parquet          each stay as it was, before unreadable dates and missing values
"""


class Companions:
    """The three sources of one simulation.

    told: of each delivery written, what the transplant registry tells of persons of the CAR-T
    registry whom a linkage finds: national_number, kind, date.
    """

    def __init__(self, cart: pd.DataFrame, seed: int, last_delivery: dt.date) -> None:
        self._seed = seed
        self._members = transplant.histories(cart, seed, last_delivery)
        self._episodes = transplant.episodes(self._members, seed)
        self._gvhd = transplant.gvhd(self._members, seed)
        self._truth: dict[str, pd.DataFrame] = {}
        self.told: dict[dt.date, pd.DataFrame] = {}

    def write(
        self, folders: Mapping[str, Path], day: dt.date, elsewhere: transplant.Elsewhere
    ) -> dict[str, Ledger]:
        """Writes a delivery of each, beside what other sources deliver on the day."""
        known = elsewhere.cart
        members = transplant.known(self._members, day)
        forms = transplant.write(
            folders["transplant_registry"],
            members,
            self._episodes,
            self._gvhd,
            day,
            self._seed,
            elsewhere,
        )
        self.told[day] = forms.told
        circuits = pharmacy.write(folders["pharmacy"], known, day, self._seed)
        stays = pmsi.write(folders["pmsi"], known, day, self._seed)
        self._truth |= {
            f"transplant_registry/{day}": forms.links,
            f"transplant_registry_episodes/{day}": forms.episodes,
            f"transplant_registry_endpoints/{day}": forms.endpoints,
            f"transplant_registry_populations/{day}": forms.populations,
            f"pharmacy/{day}": circuits.circuits,
            f"pmsi/{day}": stays.stays,
        }
        return {
            "pharmacy": circuits.ledger,
            "pmsi": stays.ledger,
            "transplant_registry": forms.ledger,
        }

    def write_truth(self, folder: Path) -> None:
        """Writes the files that README names."""
        for name, frame in self._truth.items():
            path = folder / f"{name}.parquet"
            path.parent.mkdir(exist_ok=True)
            write_parquet(path, frame)
