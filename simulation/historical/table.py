"""What the historical cohort tells by one delivery, as the one wide table it keeps: clean rows."""

import datetime as dt

import numpy as np
import pandas as pd

from simulation.calendar import french, known_by, plus
from simulation.cart.observed import endpoints
from simulation.cart.registry import LDH_UPPER_LIMIT
from simulation.endpoints import dates, true_endpoints
from simulation.populations import true_populations
from simulation.text import numbered

RESPONSES = {
    "complete_response": 1,
    "partial_response": 2,
    "stable_disease": 3,
    "progressive_disease": 4,
}
_RESPONDED = ("complete_response", "partial_response")
ENDPOINTS = (
    "overall_survival", "progression_free_survival", "event_free_survival", "relapse",
    "non_relapse_mortality", "time_to_response", "duration_of_response", "time_to_next_treatment",
)  # fmt: skip
CAUSES = {
    "disease_progression": 1,
    "infection": 2,
    "cardiac": 3,
    "second_malignancy": 4,
    "other": 5,
    "unknown": 6,
    # No such toxicity of chemotherapy: told as other causes.
    "crs": 5,
    "icans": 5,
}


def known(history: pd.DataFrame, delivery: dt.date) -> pd.DataFrame:
    """The controls with what is known of them at a delivery; later dates become missing.

    Adds last_news_date: the death, the loss or the data lock, whichever is first.
    """
    size = len(history)
    lock = plus(np.full(size, np.datetime64(delivery, "D")), -history["lock_lag_days"].to_numpy())
    limit = np.fmin(lock, history["lost_date"].to_numpy().astype("datetime64[D]"))
    out = history.copy()
    for name in ("progression", "death", "next_treatment", "response"):
        days = out[f"{name}_date"].to_numpy().astype("datetime64[D]")
        out[f"{name}_date"] = known_by(days, limit)
    death = out["death_date"].to_numpy().astype("datetime64[D]")
    return out.assign(last_news_date=np.fmin(limit, death))


def observed(frame: pd.DataFrame) -> pd.DataFrame:
    """What a perfect reader of the delivery finds, one row a patient: identity, covariates and
    <endpoint>.days, .event and .cause from the start of the salvage treatment."""
    columns = ["national_number", "start_date", "age", "male", "ecog", "line", "best_response"]
    out = frame[columns].assign(number=_number(frame))
    out["ldh_ratio"] = np.round(frame["ldh_ratio"] * LDH_UPPER_LIMIT, 1) / LDH_UPPER_LIMIT
    seen = frame.rename(columns={"last_news_date": "follow_up_end"})
    return out.assign(**endpoints(seen, frame["start_date"]))


def observed_endpoints(frame: pd.DataFrame, delivery: dt.date, undated: pd.Series) -> pd.DataFrame:
    """The clocks of every endpoint that the cohort tells, from the start of the salvage treatment
    (columns of `simulation.endpoints.COLUMNS`, key = patient number as delivered). `undated`: the
    national numbers of the dead without a date of death."""
    key, responded = _number(frame), frame["best_response"].isin(_RESPONDED)
    events = [
        *(dates(kind, key, frame[f"{kind}_date"]) for kind in ("progression", "next_treatment")),
        dates("response", key, frame["response_date"].where(responded)),
    ]
    return true_endpoints(
        frame.assign(
            key=key,
            follow_up_end=frame["last_news_date"],
            registration_date=frame["start_date"],
            death_undated=frame["national_number"].isin(undated),
        ),
        pd.concat(events),
        {"infused": frame["start_date"]},
        ENDPOINTS,
        delivery,
    )


def observed_populations(frame: pd.DataFrame) -> pd.DataFrame:
    """That each was given the treatment (`simulation.populations`, key = patient number)."""
    return true_populations(_number(frame), {"infused": frame["start_date"]}, own_cells=False)


def _number(frame: pd.DataFrame) -> pd.Series:
    """The cohort's own patient number, which no other source uses."""
    return frame["national_number"].str.replace("SYN", "H", regex=False)


def cohort_table(frame: pd.DataFrame) -> pd.DataFrame:
    """One row a patient: names of eight letters and numeric codes, as such files have them."""
    progressed = frame["progression_date"].notna().to_numpy()
    died = frame["death_date"].notna().to_numpy()
    treated = frame["next_treatment_date"].notna().to_numpy()
    response = frame["best_response"].map(RESPONSES).where(frame["response_date"].notna())
    cause = frame["death_cause"].map(CAUSES).where(died)
    return pd.DataFrame(
        {
            "nopat": _number(frame),
            "nom": frame["surname"],
            "dnais": _days(frame["birth_date"]),
            "sexe": np.where(frame["male"] == 1, 1, 2),
            "centre": numbered("H", frame["centre"].to_numpy() + 1, 2),
            "diag": np.full(len(frame), "LDGCB", dtype=object),
            "ligne": frame["line"].astype(float),
            "protoc": frame["protocol"],
            "ddeb": _days(frame["start_date"]),
            "ecog": frame["ecog"].astype(float),
            "ldh": np.round(frame["ldh_ratio"] * LDH_UPPER_LIMIT, 1),
            "ldhn": np.full(len(frame), LDH_UPPER_LIMIT),
            "ipi": frame["ipi"].astype(float),
            "bulky": frame["bulky"].astype(float),
            "rep": response.astype(float),
            "drep": _days(frame["response_date"].where(response.notna())),
            "prog": progressed.astype(float),
            # Typed in by hand over the years, and so a text.
            "dprog": french(frame["progression_date"].to_numpy()),
            "ttt2": treated.astype(float),
            "dttt2": _days(frame["next_treatment_date"]),
            "etat": died.astype(float),
            "ddc": _days(frame["death_date"]),
            "causedc": cause.astype(float),
            "ddn": _days(frame["last_news_date"]),
        }
    )


def _days(dates: pd.Series) -> pd.Series:
    return pd.Series(pd.to_datetime(dates).astype("datetime64[ns]").to_numpy())
