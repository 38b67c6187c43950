"""Writes one delivery of the historical cohort: a Stata file, and its dirt.

Dirt hides no truth: a refused row is there a second time as it should be, and a death without its
date is the day of the last news.
"""

import datetime as dt
from pathlib import Path

import numpy as np
import pandas as pd

from simulation.calendar import french
from simulation.historical.table import cohort_table, known
from simulation.planting import Ledger, amount, partition, pick
from simulation.streams import stream

KINDS = {
    "duplicate_rows.cohort": "rows that are exact copies of another row",
    "key_missing": "copies of rows without the patient's number: quarantined at the door",
    "unreadable_date": "copies of rows whose progression is on 31 February: quarantined",
    "unknown_code.product_code": "patients of a protocol in no code list",
    "unknown_code.death_cause": "deaths with a cause in no code list",
    "unknown_as_number.ecog": "patients whose unknown ECOG is written as 9",
    "missing_value.ldh": "patients without LDH",
    "death_without_date": "the dead without a date of death; it is that of the last news",
    "event_after_death": "progressions dated 20 days after a death without progression",
}
_PATIENT_SHARES = {
    "unknown_code.product_code": 0.01,
    "unknown_as_number.ecog": 0.02,
    "missing_value.ldh": 0.02,
}
_DATES = ("dnais", "ddeb", "drep", "dttt2", "ddc", "ddn")
_LABELS: dict[str, dict[int | float, str]] = {
    "sexe": {1: "homme", 2: "femme"},
    "etat": {0: "vivant", 1: "décédé"},
    "rep": {1: "RC", 2: "RP", 3: "stable", 4: "progression"},
    "causedc": {1: "progression", 2: "infection", 3: "cardiaque", 4: "second cancer", 5: "autre",
                6: "inconnue"},
}  # fmt: skip


def write(folder: Path, history: pd.DataFrame, delivery: dt.date, seed: int) -> Ledger:
    """Writes cohorte_salvage.dta (Stata 14 format, as `pyreadstat` and Stata read it)."""
    rng = stream(seed, "historical.dirt", delivery.isoformat())
    ledger = Ledger(KINDS)
    table = _spoil(known(history, delivery), delivery, ledger, rng)
    folder.mkdir(parents=True)
    table.to_stata(
        folder / "cohorte_salvage.dta",
        write_index=False,
        version=118,
        # A file that carries the hour of its writing would differ at every run.
        time_stamp=dt.datetime.combine(delivery, dt.time()),
        convert_dates=dict.fromkeys(_DATES, "td"),
        value_labels=_LABELS,
        data_label="Cohorte historique de rattrapage",
    )
    return ledger


def _spoil(
    frame: pd.DataFrame, delivery: dt.date, ledger: Ledger, rng: np.random.Generator
) -> pd.DataFrame:
    table = cohort_table(frame)
    number = frame["national_number"]
    spoilt = np.zeros(len(table), dtype=bool)
    for kind, rows in partition(rng, len(table), _PATIENT_SHARES).items():
        column, value = {
            "unknown_code.product_code": ("protoc", "PROT-X7"),
            "unknown_as_number.ecog": ("ecog", 9.0),
            "missing_value.ldh": ("ldh", np.nan),
        }[kind]
        table.loc[rows, column] = value
        spoilt[rows] = True
        ledger.add(kind, number.iloc[rows])
    dead = np.flatnonzero((table["etat"] == 1) & ~spoilt)
    few = amount(len(dead), 0.02)
    order = rng.permutation(dead)
    causes, undated = np.sort(order[:few]), np.sort(order[few : 2 * few])
    table.loc[causes, "causedc"] = 77.0
    table.loc[undated, "ddc"] = pd.NaT
    straight = order[2 * few :]
    room = frame["death_date"].to_numpy() <= np.datetime64(delivery) - np.timedelta64(40, "D")
    straight = straight[(table["prog"].to_numpy() == 0)[straight] & room[straight]]
    late = pick(rng, straight, amount(len(straight), 0.02))
    table.loc[late, "prog"] = 1.0
    later = frame["death_date"].iloc[late] + pd.Timedelta(days=20)
    table.loc[late, "dprog"] = french(later.to_numpy())
    for kind, rows in (
        ("unknown_code.death_cause", causes),
        ("death_without_date", undated),
        ("event_after_death", late),
    ):
        ledger.add(kind, number.iloc[rows])
        spoilt[rows] = True
    return _copies(table, number, np.flatnonzero(~spoilt), ledger, rng)


def _copies(
    table: pd.DataFrame,
    number: pd.Series,
    clean: np.ndarray,
    ledger: Ledger,
    rng: np.random.Generator,
) -> pd.DataFrame:
    """Adds copies of clean rows: exact, without a key, and with an impossible date."""
    few = amount(len(table))
    order = rng.permutation(clean)
    progressed = order[table["prog"].to_numpy()[order] == 1]
    broken = table.iloc[np.sort(progressed[:few])]
    rest = order[~np.isin(order, broken.index)]
    keyless, copied = table.iloc[np.sort(rest[:few])], table.iloc[np.sort(rest[few : 2 * few])]
    ledger.add("unreadable_date", number.loc[broken.index])
    ledger.add("key_missing", number.loc[keyless.index])
    ledger.add("duplicate_rows.cohort", number.loc[copied.index])
    broken = broken.assign(dprog="31/02/" + broken["dprog"].str[-4:])
    keyless = keyless.assign(nopat="")
    return pd.concat([table, broken, keyless, copied], ignore_index=True)
