"""Bedside readings after infusion, from the half of the centres that send them.

They say what the reported grades of CRS and ICANS follow from, by ASTCT 2019: a fever begins CRS,
then the support given grades it; the ICE score grades ICANS. Those who died of either are not
among them: the registry reports no grade 5.
"""

import numpy as np
import pandas as pd

from simulation.calendar import french, plus
from simulation.planting import Ledger, amount, duplicated, pick
from simulation.streams import stream
from simulation.text import decimals, numbered

KINDS = {
    "duplicate_rows.surveillance": "rows of surveillance.csv that are exact copies of another row",
    "grade_differs_from_components": "treatments whose readings amount to one grade of CRS more "
    "than the registry reports",
}
_DAYS = (1, 4, 8, 13)
_SUPPORT = {
    1: ("HYPOTENSION", "0"),
    2: ("OXYGENE", "LUNETTES"),
    3: ("VASOPRESSEURS", "1"),
    4: ("VASOPRESSEURS", "2"),
}
_ICE = {0: "10", 1: "8", 2: "5", 3: "1", 4: "NON_REVEILLABLE"}
_COLUMNS = ("NO_PATIENT", "NO_TRAITEMENT", "DATE_RELEVE", "PARAMETRE", "VALEUR", "UNITE")


def surveillance(
    frame: pd.DataFrame, seed: int, ledger: Ledger, rng: np.random.Generator
) -> pd.DataFrame:
    """surveillance.csv: one row a reading, of what `registry.known` gave; enters its dirt."""
    rows = np.flatnonzero(_monitored(frame))
    crs = _grades(frame, "crs")[rows]
    higher = pick(rng, np.flatnonzero((crs >= 1) & (crs <= 3)), amount(len(rows), 0.03))
    ledger.add("grade_differs_from_components", frame["national_number"].iloc[rows[higher]])
    told = crs.copy()
    told[higher] += 1
    number = frame["treatment_number"].to_numpy()
    warmth = stream(seed, "cart.surveillance").normal(0.0, 0.15, int(number.max()) + 1)
    parts = [
        *_routine(frame, rows, warmth[number[rows]], crs, _grades(frame, "icans")[rows]),
        *_of_crs(frame, rows, warmth[number[rows]], told),
        *_of_icans(frame, rows),
    ]
    table = pd.concat(parts).sort_values(["_row", "_day"], kind="stable", ignore_index=True)
    kept = table["_date"] <= frame["follow_up_end"].to_numpy()[table["_row"]]
    out = table.loc[kept, list(_COLUMNS)].reset_index(drop=True)
    copied = pick(rng, np.arange(len(out)), amount(len(out), 0.002)) if len(out) else np.arange(0)
    ledger.add("duplicate_rows.surveillance", out["NO_PATIENT"].iloc[copied])
    return out.iloc[duplicated(len(out), copied)].reset_index(drop=True)


def _monitored(frame: pd.DataFrame) -> np.ndarray:
    infused = frame["infusion_date"].notna().to_numpy()
    told = frame["death_cause"].isin(["crs", "icans"]).to_numpy()
    sends = frame["centre"].to_numpy() % 2 == 0
    return np.asarray(infused & ~told & sends)


def _grades(frame: pd.DataFrame, toxicity: str) -> np.ndarray:
    """The grade of those in whom it is known to have happened, else 0."""
    happened = frame[f"{toxicity}_date"].notna().to_numpy()
    return np.where(happened, frame[f"{toxicity}_grade"].to_numpy(), 0).astype(int)


def _readings(
    frame: pd.DataFrame,
    rows: np.ndarray,
    date: np.ndarray,
    parameter: np.ndarray | str,
    value: np.ndarray,
    unit: str = "",
) -> pd.DataFrame:
    infusion = frame["infusion_date"].to_numpy().astype("datetime64[D]")[rows]
    return pd.DataFrame(
        {
            "_row": rows,
            "_day": (date - infusion).astype(int),
            "_date": date.astype("datetime64[ns]"),
            "NO_PATIENT": frame["national_number"].to_numpy()[rows],
            "NO_TRAITEMENT": numbered("T", frame["treatment_number"].to_numpy()[rows], 7),
            "DATE_RELEVE": french(date),
            "PARAMETRE": parameter,
            "VALEUR": value,
            "UNITE": unit,
        }
    )


def _routine(
    frame: pd.DataFrame, rows: np.ndarray, warmth: np.ndarray, crs: np.ndarray, icans: np.ndarray
) -> list[pd.DataFrame]:
    """Temperature and ICE of those without the toxicity, on set days."""
    infusion = frame["infusion_date"].to_numpy().astype("datetime64[D]")
    parts = []
    for day in _DAYS:
        well, clear = rows[crs == 0], rows[icans == 0]
        cool = decimals(37.0 + np.clip(warmth[crs == 0], -0.6, 0.6), mark=",")
        date = plus(infusion, np.full(len(frame), float(day))).astype("datetime64[D]")
        parts.append(_readings(frame, well, date[well], "TEMPERATURE", cool, "C"))
        full = np.full(len(clear), _ICE[0], dtype=object)
        parts.append(_readings(frame, clear, date[clear], "SCORE_ICE", full))
    return parts


def _of_crs(
    frame: pd.DataFrame, rows: np.ndarray, warmth: np.ndarray, grade: np.ndarray
) -> list[pd.DataFrame]:
    ill = grade >= 1
    date = frame["crs_date"].to_numpy().astype("datetime64[D]")[rows[ill]]
    fever = decimals(38.9 + np.clip(warmth[ill], -0.6, 0.6), mark=",")
    support = [_SUPPORT[min(int(value), 4)] for value in grade[ill]]
    parameter = np.array([name for name, _ in support], dtype=object)
    value = np.array([text for _, text in support], dtype=object)
    return [
        _readings(frame, rows[ill], date, "TEMPERATURE", fever, "C"),
        _readings(frame, rows[ill], date, parameter, value),
    ]


def _of_icans(frame: pd.DataFrame, rows: np.ndarray) -> list[pd.DataFrame]:
    grade = _grades(frame, "icans")[rows]
    ill = grade >= 1
    date = frame["icans_date"].to_numpy().astype("datetime64[D]")[rows[ill]]
    score = np.array([_ICE[min(int(value), 4)] for value in grade[ill]], dtype=object)
    return [_readings(frame, rows[ill], date, "SCORE_ICE", score)]
