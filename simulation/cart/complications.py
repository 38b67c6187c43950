"""What the CAR-T registry asks on a form of its own: B cells, intensive care, T-cell malignancy.

Belongs here: who has which and when, and evenements.csv. Drawn apart from all else of a life, so
that nothing else depends on it. Shares and times are assumed; T-cell malignancies are more frequent
here than in life, or a test would rarely meet one.
"""

import numpy as np
import pandas as pd

from simulation.calendar import french, plus
from simulation.endpoints import dates
from simulation.streams import stream
from simulation.text import numbered

CODES = {
    "b_cell_aplasia": "APLASIE_B",
    "b_cell_recovery": "RECUPERATION_B",
    "icu_admission": "ENTREE_REA",
    "t_cell_malignancy": "CANCER_T",
}
"""The registry's own code of each kind of event."""
DATES = tuple(f"{kind}_date" for kind in CODES)
_APLASIA, _RECOVERS, _RECOVERY_MEAN_DAYS = 0.85, 0.7, 300.0
_ICU_WHEN_SEVERE, _ICU_OTHERWISE = 0.8, 0.03
_MALIGNANCY, _MALIGNANCY_DAYS = 0.03, (120, 1500)


def complications(frame: pd.DataFrame, seed: int) -> dict[str, np.ndarray]:
    """The columns DATES of the infused of a cohort with dates; NaT where nothing happened, and from
    the day of the death on."""
    size, rng = len(frame), stream(seed, "cart.complications")
    infusion = frame["infusion_date"].to_numpy().astype("datetime64[D]")
    aplasia = rng.integers(10, 36, size).astype(float)
    aplasia = np.where(rng.random(size) < _APLASIA, aplasia, np.inf)
    recovery = aplasia + 30.0 + np.ceil(rng.exponential(_RECOVERY_MEAN_DAYS, size))
    recovery = np.where(rng.random(size) < _RECOVERS, recovery, np.inf)
    malignancy = rng.integers(*_MALIGNANCY_DAYS, size).astype(float)
    malignancy = np.where(rng.random(size) < _MALIGNANCY, malignancy, np.inf)
    days = {
        "b_cell_aplasia": aplasia,
        "b_cell_recovery": recovery,
        "icu_admission": _intensive_care(frame, rng),
        "t_cell_malignancy": malignancy,
    }
    death = frame["death_date"].to_numpy().astype("datetime64[D]")
    out = {}
    for kind, after in days.items():
        day = plus(infusion, after)
        out[f"{kind}_date"] = np.where(day >= death, np.datetime64("NaT", "D"), day)
    return out


def _intensive_care(frame: pd.DataFrame, rng: np.random.Generator) -> np.ndarray:
    """Days to the admission: most with a severe toxicity within two days of it, few others."""
    size = len(frame)
    onset = np.full(size, np.inf)
    for name in ("crs", "icans"):
        severe = frame[f"{name}_grade"].to_numpy() >= 3
        onset = np.where(severe, np.minimum(onset, frame[f"{name}_days"].to_numpy()), onset)
    severe = np.isfinite(onset)
    day = np.where(severe, onset + rng.integers(0, 3, size), rng.integers(1, 29, size))
    share = np.where(severe, _ICU_WHEN_SEVERE, _ICU_OTHERWISE)
    return np.where(rng.random(size) < share, day, np.inf)


def events(frame: pd.DataFrame) -> pd.DataFrame:
    """evenements.csv: one row an event, of what `registry.known` gave."""
    parts = []
    for kind, code in CODES.items():
        happened = frame[frame[f"{kind}_date"].notna()]
        parts.append(
            pd.DataFrame(
                {
                    "NO_PATIENT": happened["national_number"].to_numpy(),
                    "NO_TRAITEMENT": numbered("T", happened["treatment_number"].to_numpy(), 7),
                    "EVENEMENT": np.full(len(happened), code, dtype=object),
                    "DATE_EVENEMENT": french(happened[f"{kind}_date"].to_numpy()),
                }
            )
        )
    out = pd.concat(parts)
    return out.sort_values("NO_TRAITEMENT", kind="stable", ignore_index=True)


def told(frame: pd.DataFrame) -> pd.DataFrame:
    """What of these is true of the person: national_number, kind, date."""
    number = frame["national_number"]
    parts = [
        dates(kind, number, frame[f"{kind}_date"])
        for kind in ("icu_admission", "t_cell_malignancy")
    ]
    return pd.concat(parts).rename(columns={"key": "national_number"})
