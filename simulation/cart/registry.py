"""What the CAR-T registry knows by one delivery, as the three tables of texts it delivers.

Clean rows: dirt is planted afterwards by `dirt.py`, files are written by `files.py`.
"""

import datetime as dt

import numpy as np
import pandas as pd

from simulation.calendar import french, known_by, plus
from simulation.cart.complications import DATES as COMPLICATIONS
from simulation.products import AXI, BREXU, TISA
from simulation.streams import stream
from simulation.text import decimals, integers, numbered

PERIODS = ("M1", "M3", "M6", "M12", "M18", "M24", "M36", "M48", "M60", "M72", "M84", "M96")
_NOMINAL = np.array([30, 91, 182, 365, 548, 730, 1095, 1461, 1826, 2191, 2557, 2922])
_BRANDS = {AXI: "YESCARTA", TISA: "KYMRIAH", BREXU: "TECARTUS"}
_INDICATIONS = {"target": "LDGCB", "second_line": "LDGCB", "mantle_cell": "LCM"}
_REASONS = {
    "": "",
    "death": "DECES",
    "progression": "PROGRESSION",
    "manufacturing_failure": "ECHEC_PRODUCTION",
    "patient_choice": "REFUS_PATIENT",
    "remission": "REMISSION",
    "infection": "INFECTION",
    "other": "AUTRE",
}
_CAUSES = {
    "disease_progression": "PROGRESSION",
    "crs": "SRC",
    "icans": "ICANS",
    "infection": "INFECTION",
    "second_malignancy": "SECOND_CANCER",
    "cardiac": "CARDIAQUE",
    "other": "AUTRE",
    "unknown": "INCONNUE",
}
_RESPONSES = {
    "complete_response": "RC",
    "partial_response": "RP",
    "stable_disease": "MS",
    "progressive_disease": "PD",
}
RESPONSE_LETTERS = (_RESPONSES["complete_response"], _RESPONSES["partial_response"])
LDH_UPPER_LIMIT = 248.0


def known(history: pd.DataFrame, delivery: dt.date) -> pd.DataFrame:
    """The patients of a delivery (apheresed by their data lock) with what is known by then.

    Adds lock_date, follow_up_end (death, loss or lock, whichever is first) and start_date (infusion
    when it is known, else apheresis); every date after what it may know becomes missing.
    """
    lock = plus(
        np.full(len(history), np.datetime64(delivery, "D")), -history["lock_lag_days"].to_numpy()
    )
    seen = history["apheresis_date"].to_numpy() <= lock
    out = history[seen].reset_index(drop=True)
    lock = lock[seen]
    limit = np.fmin(lock, out["lost_date"].to_numpy().astype("datetime64[D]"))
    names = ["progression_date", "death_date", "next_treatment_date", "crs_date", "icans_date"]
    for name in [*names, *COMPLICATIONS, "drop_out_date"]:
        out[name] = known_by(out[name].to_numpy(), limit)
    for name in ("release_date", "infusion_date"):
        out[name] = known_by(out[name].to_numpy(), lock)
    out["lock_date"] = lock
    out["follow_up_end"] = np.fmin(limit, out["death_date"].to_numpy().astype("datetime64[D]"))
    out["start_date"] = out["infusion_date"].fillna(out["apheresis_date"])
    return out


def patients(frame: pd.DataFrame) -> pd.DataFrame:
    """patients.csv: one row a patient, direct identifiers included."""
    return pd.DataFrame(
        {
            "NO_PATIENT": frame["national_number"],
            "NOM_NAISSANCE": frame["surname"],
            "PRENOM": frame["given_name"],
            "DATE_NAISSANCE": french(frame["birth_date"].to_numpy()),
            "SEXE": np.where(frame["male"] == 1, "M", "F"),
            "DEPARTEMENT": frame["department"],
            "DATE_INCLUSION": french(frame["apheresis_date"].to_numpy()),
        }
    )


def treatments(frame: pd.DataFrame) -> pd.DataFrame:
    """traitements.csv: one row a treatment, with the patient's state at decision."""
    released = frame["release_date"].notna().to_numpy()
    reason = np.where(frame["drop_out_date"].notna(), frame["drop_out_reason"], "")
    failed = reason == "manufacturing_failure"
    out_of_specification = frame["treatment_number"].to_numpy() % 31 == 0
    quality = np.where(out_of_specification, "HORS_SPEC", "CONFORME")
    number = frame["treatment_number"].to_numpy()
    dates = ("decision", "order", "apheresis", "release", "infusion")
    when = {name: french(frame[f"{name}_date"].to_numpy()) for name in dates}
    return pd.DataFrame(
        {
            "NO_PATIENT": frame["national_number"],
            "NO_TRAITEMENT": numbered("T", number, 7),
            "PRODUIT": frame["product"].map(_BRANDS),
            "INDICATION": frame["group"].map(_INDICATIONS),
            "LIGNE": integers(frame["line"].to_numpy()),
            "CENTRE": numbered("C", frame["centre"].to_numpy() + 1, 2),
            "DATE_RCP": when["decision"],
            "DATE_COMMANDE": when["order"],
            "DATE_APHERESE": when["apheresis"],
            "DATE_LIBERATION": when["release"],
            "DATE_PERFUSION": when["infusion"],
            "MOTIF_NON_PERFUSION": pd.Series(reason).map(_REASONS),
            "NO_LOT": np.where(released | failed, numbered("LOT", number, 7), ""),
            "CONFORMITE_LOT": np.where(failed, "ECHEC", np.where(released, quality, "")),
            "BRIDGING": np.where(frame["bridging"] == 1, "O", "N"),
            "ECOG": integers(frame["ecog"].to_numpy()),
            "LDH": decimals(frame["ldh_ratio"].to_numpy() * LDH_UPPER_LIMIT, mark=","),
            "LDH_UNITE": np.full(len(frame), "UI/L", dtype=object),
            "LDH_NORMALE": decimals(np.full(len(frame), LDH_UPPER_LIMIT), mark=","),
            "MASSE_BULKY": np.where(frame["bulky"] == 1, "O", "N"),
            "IPI": integers(frame["ipi"].to_numpy()),
        }
    )


def _reports(frame: pd.DataFrame, seed: int) -> pd.DataFrame:
    """Patient row, period, report date and visit date of every report, in patient order.

    One report a visit before the end of follow-up, and a last one at that end (status by letter).
    """
    size, periods = len(frame), len(PERIODS)
    rng = stream(seed, "cart.visits")
    # Drawn per treatment number, so that a patient's visits are the same in every delivery.
    number = frame["treatment_number"].to_numpy()
    jitter = rng.integers(-5, 9, (int(number.max()) + 1, periods))[number]
    days = _NOMINAL[None, :] + jitter
    infused = frame["infusion_date"].notna().to_numpy()
    days[:, 0] = np.where(infused, frame["first_visit_days"], days[:, 0])
    start = frame["start_date"].to_numpy().astype("datetime64[D]")
    end = frame["follow_up_end"].to_numpy().astype("datetime64[D]")
    visits = start[:, None] + days.astype("timedelta64[D]")
    made = visits < end[:, None]
    row, period = np.nonzero(made)
    last = made.sum(axis=1)
    return pd.concat(
        [
            pd.DataFrame({"row": row, "period": period, "report": visits[made], "visit": True}),
            pd.DataFrame({"row": np.arange(size), "period": last, "report": end, "visit": False}),
        ]
    ).sort_values(["row", "period"], kind="stable", ignore_index=True)


def follow_up(frame: pd.DataFrame, seed: int) -> pd.DataFrame:
    """suivi_*.csv of all years: one row per patient and reporting period; events reported once.

    Besides the delivered columns: _row (row of `frame`), _index (0 = first report), _last and
    _news (the report holds an event), for planting dirt where it hides nothing.
    """
    reports = _reports(frame, seed)
    row = reports["row"].to_numpy()
    date = reports["report"].to_numpy().astype("datetime64[D]")
    first = np.concatenate([[True], row[1:] != row[:-1]])
    before = np.where(first, np.datetime64("1900-01-01"), np.roll(date, 1))

    def reported(name: str) -> np.ndarray:
        """The event's date where this report is the first at or after it."""
        event = frame[f"{name}_date"].to_numpy().astype("datetime64[D]")[row]
        return np.where((event > before) & (event <= date), event, np.datetime64("NaT"))

    progression, treated, death = (
        reported("progression"), reported("next_treatment"), reported("death"),
    )  # fmt: skip
    visit = reports["visit"].to_numpy()
    infused = frame["infusion_date"].notna().to_numpy()[row]
    response = np.where(visit & infused, _response(frame, reports, date, seed), "")
    died = ~np.isnat(death)
    grades = {}
    for name in ("crs", "icans"):
        when = reported(name)
        grade = np.where(np.isnat(when), 0, frame[f"{name}_grade"].to_numpy()[row])
        grades[f"{name.upper()}_GRADE"] = np.where(first & infused, integers(grade), "")
        grades[f"{name.upper()}_DATE"] = french(when)
    out = pd.DataFrame(
        {
            "NO_PATIENT": frame["national_number"].to_numpy()[row],
            "NO_TRAITEMENT": numbered("T", frame["treatment_number"].to_numpy()[row], 7),
            "PERIODE": np.asarray(PERIODS, dtype=object)[reports["period"]],
            "DATE_VISITE": np.where(visit, french(date), ""),
            "STATUT_VITAL": np.where(died, "D", "V"),
            "DATE_DECES": french(death),
            "CAUSE_DECES": np.where(died, frame["death_cause"].map(_CAUSES).to_numpy()[row], ""),
            "DATE_DERNIERES_NOUVELLES": french(date),
            "DATE_EVAL": np.where(response != "", french(date), ""),
            "REPONSE": response,
            "PROGRESSION": np.where(np.isnat(progression), "N", "O"),
            "DATE_PROGRESSION": french(progression),
            **grades,
            "NOUVEAU_TRAITEMENT": np.where(np.isnat(treated), "N", "O"),
            "DATE_NOUVEAU_TRAITEMENT": french(treated),
        }
    )
    return out.assign(
        _row=row,
        _index=reports["period"].to_numpy(),
        _last=~visit,
        _news=~(np.isnat(progression) & np.isnat(treated)),
        _date=date,
    )


def _response(
    frame: pd.DataFrame, reports: pd.DataFrame, date: np.ndarray, seed: int
) -> np.ndarray:
    """Response letter at each report: kept until progression, PD once at the first visit after."""
    row, period = reports["row"].to_numpy(), reports["period"].to_numpy()
    best = frame["best_response"].to_numpy()[row]
    partial = frame["converts_at_month_3"].to_numpy()[row] & (period == 0)
    letters = pd.Series(np.where(partial, "partial_response", best)).map(_RESPONSES).fillna("")
    progression = frame["progression_date"].to_numpy().astype("datetime64[D]")[row]
    progressed = progression <= date
    count = progressed.astype(int)
    after = pd.Series(count).groupby(row).cumsum().to_numpy()
    number = frame["treatment_number"].to_numpy()
    draws = stream(seed, "cart.assessments").random((int(number.max()) + 1, len(PERIODS)))
    skipped = (draws[number[row], period] < 0.05) & (period >= 2)
    kept = np.where(progressed, np.where(after == 1, "PD", ""), letters.to_numpy())
    return np.where(skipped & ~progressed, "", kept)
