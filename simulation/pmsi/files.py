"""Writes one delivery of hospital stays in the French style, one pair of files a year.

sejours_<year>.csv has one row a stay, unites_<year>.txt one line a stay and unit of intensive care:
columns at fixed places, which move with the format of 2026.
"""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from simulation.calendar import french, plus
from simulation.identity import national_numbers
from simulation.pharmacy.circuit import of_the_group
from simulation.planting import Ledger, amount, duplicated, partition, pick
from simulation.pmsi.stays import DEATH, HOME, stays
from simulation.streams import stream
from simulation.text import decimals, integers, numbered, write_delimited, write_fixed

KINDS = {
    "duplicate_rows.stays": "rows of sejours_*.csv that are exact copies of another row",
    "duplicate_rows.units": "lines of unites_*.txt that are exact copies of another row",
    "unreadable_date": "stays whose discharge does not exist (31/02): quarantined at the door",
    "discharge_before_admission": "stays that end a day before they begin",
    "stay_after_death": "stays that begin after the death of the patient",
    "ungroupable": "stays in the GHM of those that could not be grouped (90Z00Z)",
    "missing_value.cost": "stays without a cost",
    "unknown_patient": "stays of persons whom no registry knows",
    "death_date_differs": "deaths in hospital dated two days later than in the CAR-T registry",
}
_SHARES = {
    "unreadable_date": 0.006,
    "discharge_before_admission": 0.006,
    "ungroupable": 0.006,
    "missing_value.cost": 0.008,
}
_ENCODING = "iso-8859-15"
_UNKNOWN_FROM = 900_000_000
NEW_FORMAT = dt.date(2026, 1, 1)
_WIDTHS = {"NO_SEJOUR": 10, "TYPE_UNITE": 3, "JOURS": 3}
_NEW_WIDTHS = {"NO_SEJOUR": 12, "TYPE_UNITE": 4, "JOURS": 4}


@dataclass(frozen=True)
class Delivered:
    """What a delivery holds: its dirt, and its stays as a perfect reader finds them."""

    ledger: Ledger
    stays: pd.DataFrame


def write(folder: Path, known: pd.DataFrame, delivery: dt.date, seed: int) -> Delivered:
    """Writes the stays of the hospital group's patients of what `cart.registry.known` gave."""
    rng = stream(seed, "pmsi.dirt", delivery.isoformat())
    ledger = Ledger(KINDS)
    group = of_the_group(known)
    truth = stays(group, seed)
    made = pd.concat([truth, _unknown(truth, ledger, rng), _after_death(group, ledger, rng)])
    made = made.reset_index(drop=True)
    made["stay_id"] = numbered("S", 1 + rng.permutation(len(made)), 9)
    made = made.sort_values("stay_id", ignore_index=True)
    made = _late_deaths(made, known, ledger)
    units = _units(made)
    table = _table(made, ledger, rng)
    folder.mkdir(parents=True)
    for name, rows in _by_year(table, "stays", ledger, rng):
        path = folder / f"sejours_{name}.csv"
        write_delimited(path, rows, delimiter=";", encoding=_ENCODING)
    widths = _NEW_WIDTHS if delivery >= NEW_FORMAT else _WIDTHS
    for name, rows in _by_year(units, "units", ledger, rng):
        write_fixed(folder / f"unites_{name}.txt", rows, widths=widths, encoding=_ENCODING)
    return Delivered(ledger, made.drop(columns="_clean"))


def _unknown(truth: pd.DataFrame, ledger: Ledger, rng: np.random.Generator) -> pd.DataFrame:
    rows = pick(rng, np.arange(len(truth)), amount(len(truth), 0.004))
    numbers = national_numbers(len(rows), rng, start=_UNKNOWN_FROM)
    ledger.add("unknown_patient", numbers)
    return truth.iloc[rows].assign(national_number=numbers, exit_mode=HOME, _clean=False)


def _after_death(group: pd.DataFrame, ledger: Ledger, rng: np.random.Generator) -> pd.DataFrame:
    """A stay in chemotherapy some days after the death, ended by the data lock."""
    room = group["lock_date"] - group["death_date"] >= pd.Timedelta(days=40)
    people = group.iloc[pick(rng, np.flatnonzero(room), amount(len(group), 0.008))]
    start = plus(people["death_date"].to_numpy(), rng.integers(8, 25, len(people)).astype(float))
    ledger.add("stay_after_death", people["national_number"])
    return pd.DataFrame(
        {
            "national_number": people["national_number"],
            "admission_date": start,
            "discharge_date": plus(start, np.full(len(people), 3.0)),
            "ghm": "17M061",
            "exit_mode": HOME,
            "icu_days": 0,
            "step_down_days": 0,
            "cost_eur": 3_450.0,
            "_clean": False,
        }
    )


def _late_deaths(made: pd.DataFrame, known: pd.DataFrame, ledger: Ledger) -> pd.DataFrame:
    """Some deaths in hospital two days late, where there is room before the data lock."""
    lock = made["national_number"].map(known.set_index("national_number")["lock_date"])
    room = (made["exit_mode"] == DEATH) & (lock - made["discharge_date"] >= pd.Timedelta(days=5))
    rows = np.flatnonzero(room)[: amount(len(made), 0.004)]
    late = made["discharge_date"].to_numpy().astype("datetime64[D]")
    late[rows] = plus(late[rows], np.full(len(rows), 2.0))
    clean = made["_clean"].isna().to_numpy() & (made["exit_mode"] != DEATH).to_numpy()
    ledger.add("death_date_differs", made["national_number"].iloc[rows])
    return made.assign(discharge_date=late, _clean=clean)


def _units(made: pd.DataFrame) -> pd.DataFrame:
    parts = []
    for name, code in (("icu_days", "REA"), ("step_down_days", "USC")):
        rows = made[made[name] > 0]
        parts.append(
            pd.DataFrame(
                {
                    "NO_SEJOUR": rows["stay_id"],
                    "TYPE_UNITE": code,
                    "JOURS": integers(rows[name].to_numpy()),
                    "_year": rows["admission_date"].dt.year,
                    "_number": rows["national_number"],
                }
            )
        )
    return pd.concat(parts, ignore_index=True).assign(_dirty=False)


def _table(made: pd.DataFrame, ledger: Ledger, rng: np.random.Generator) -> pd.DataFrame:
    admission = made["admission_date"].to_numpy()
    out = pd.DataFrame(
        {
            "NO_PATIENT": made["national_number"],
            "NO_SEJOUR": made["stay_id"],
            "DATE_ENTREE": french(admission),
            "DATE_SORTIE": french(made["discharge_date"].to_numpy()),
            "MODE_SORTIE": integers(made["exit_mode"].to_numpy()),
            "GHM": made["ghm"],
            "COUT_EUR": decimals(made["cost_eur"].to_numpy(), mark=","),
            "_year": made["admission_date"].dt.year,
            "_number": made["national_number"],
            "_dirty": ~made["_clean"],
        }
    )
    clean = np.flatnonzero(made["_clean"])
    spoilt = {k: clean[rows] for k, rows in partition(rng, len(clean), _SHARES).items()}
    year = out["_year"].astype(str)
    out.loc[spoilt["unreadable_date"], "DATE_SORTIE"] = "31/02/" + year
    rows = spoilt["discharge_before_admission"]
    out.loc[rows, "DATE_SORTIE"] = french(plus(admission[rows], np.full(len(rows), -1.0)))
    out.loc[spoilt["ungroupable"], "GHM"] = "90Z00Z"
    out.loc[spoilt["missing_value.cost"], "COUT_EUR"] = ""
    for kind, rows in spoilt.items():
        out.loc[rows, "_dirty"] = True
        ledger.add(kind, made["national_number"].iloc[rows])
    return out


def _by_year(
    table: pd.DataFrame, kind: str, ledger: Ledger, rng: np.random.Generator
) -> Iterator[tuple[str, pd.DataFrame]]:
    """Each year's rows, some of them twice."""
    copied = pick(rng, np.flatnonzero(~table["_dirty"]), amount(len(table)))
    ledger.add(f"duplicate_rows.{kind}", table["_number"].iloc[copied])
    table = table.iloc[duplicated(len(table), copied)]
    kept = [column for column in table if not column.startswith("_")]
    for year in np.unique(table["_year"]):
        yield str(year), table.loc[table["_year"] == year, kept]
