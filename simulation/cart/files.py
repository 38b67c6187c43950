"""Writes one delivery of the CAR-T registry: CSV with `;`, cp1252, French headers, CRLF."""

import datetime as dt
from pathlib import Path

import numpy as np
import pandas as pd

from simulation.cart import dirt, registry
from simulation.cart.complications import events
from simulation.cart.surveillance import surveillance
from simulation.planting import Ledger
from simulation.streams import stream
from simulation.text import write_delimited

HEADER_CHANGE = dt.date(2026, 1, 1)
"""Deliveries from this day on head the assessment date DATE_EVALUATION (contract revision)."""


def write(folder: Path, known: pd.DataFrame, delivery: dt.date, seed: int) -> Ledger:
    """Writes patients.csv, traitements.csv, suivi_<year>.csv, surveillance.csv and evenements.csv;
    returns the planted dirt."""
    known = known.sort_values("treatment_number", ignore_index=True)
    clean = {
        "patients": registry.patients(known),
        "treatments": registry.treatments(known),
        "follow_up": registry.follow_up(known, seed),
    }
    tables, ledger = dirt.plant(clean, known, stream(seed, "cart.dirt", delivery.isoformat()))
    readings = surveillance(
        known, seed, ledger, stream(seed, "cart.surveillance.dirt", delivery.isoformat())
    )
    folder.mkdir(parents=True)
    _write(folder / "surveillance.csv", readings)
    _write(folder / "evenements.csv", events(known))
    _write(folder / "patients.csv", tables["patients"])
    _write(folder / "traitements.csv", tables["treatments"])
    follow_up = tables["follow_up"]
    if delivery >= HEADER_CHANGE:
        follow_up = follow_up.rename(columns={"DATE_EVAL": "DATE_EVALUATION"})
    for year in np.unique(follow_up["_year"]):
        rows = follow_up[follow_up["_year"] == year].drop(columns="_year")
        _write(folder / f"suivi_{year}.csv", rows)
    return ledger


def _write(path: Path, frame: pd.DataFrame) -> None:
    write_delimited(path, frame, delimiter=";", encoding="cp1252")
