"""Writes one delivery of the gene therapy registry: common extract format, Parquet of texts."""

import datetime as dt
from pathlib import Path

import numpy as np
import pandas as pd

from simulation.calendar import iso, known_by, plus
from simulation.gene_therapy.lives import Lives
from simulation.gene_therapy.parameters import RPE65
from simulation.planting import Ledger, amount, duplicated, partition, pick
from simulation.streams import stream
from simulation.text import decimals, integers, numbered, write_parquet

KINDS = {
    "duplicate_rows.events": "rows of events that are exact copies of another row",
    "duplicate_rows.observations": "rows of observations that are exact copies of another row",
    "unreadable_date": "observations on a day that does not exist (31 February): quarantined",
    "absurd_date": "observations dated in 1900",
    "unknown_code.event_type": "events of a type in no code list",
    "missing_unit": "observations without a unit",
    "event_after_death": "bleeds or transfusions dated after the death",
    "death_differs_between_registries": "patients also in the CAR-T registry whose death is dated "
    "five days later here; the CAR-T registry's date is true",
    "also_in_cart_registry": "patients of this registry delivered by the CAR-T registry too",
}
_NAT = np.datetime64("NaT", "D")
_LATE_EVENT = 90_000_000
_OBSERVATION_SHARES = {"unreadable_date": 0.005, "absurd_date": 0.005, "missing_unit": 0.005}
_AGAIN = {"tdt": "transfusion", "haemophilia_b": "bleed"}


def write(folder: Path, lives: Lives, delivery: dt.date, seed: int, in_cart: pd.Series) -> Ledger:
    """Writes <table>.parquet of seven tables; returns the planted dirt.

    `in_cart`: the national numbers that the CAR-T registry delivers on the same day.
    """
    rng = stream(seed, "gene_therapy.dirt", delivery.isoformat())
    people = known(lives.patients, delivery)
    ledger = Ledger(KINDS)
    people = _late_death(people, delivery, ledger)
    both = people["national_number"].isin(in_cart)
    ledger.add("also_in_cart_registry", people.loc[both, "national_number"])
    tables = {
        "patients": _patients(people),
        "treatments": _treatments(people),
        "events": _events(people, cut(lives.events, people), delivery, ledger, rng),
        "observations": _observations(people, cut(lives.observations, people), ledger, rng),
        "covariates": _covariates(people, cut(lives.covariates, people)),
        "questionnaires": _questionnaires(people, lives),
        "stays": _stays(people, cut(lives.stays, people)),
    }
    folder.mkdir(parents=True)
    for name, table in tables.items():
        write_parquet(folder / f"{name}.parquet", {c: table[c].to_numpy() for c in table})
    return ledger


def known(patients: pd.DataFrame, delivery: dt.date) -> pd.DataFrame:
    """Patients decided on by their data lock, with dates after what may be known missing.

    Adds lock_date and last_contact_date; the index stays the `row` of the other tables.
    """
    lock = plus(
        np.full(len(patients), np.datetime64(delivery, "D")), -patients["lock_lag_days"].to_numpy()
    )
    seen = patients["decision_date"].to_numpy() <= lock
    out, lock = patients[seen].copy(), lock[seen]
    limit = np.fmin(lock, out["lost_date"].to_numpy().astype("datetime64[D]"))
    for name in ("order_date", "apheresis_date", "infusion_date", "death_date"):
        out[name] = known_by(out[name].to_numpy().astype("datetime64[D]"), limit)
    out["last_contact_date"] = np.fmin(limit, out["death_date"].to_numpy().astype("datetime64[D]"))
    return out.assign(lock_date=lock)


def _late_death(people: pd.DataFrame, delivery: dt.date, ledger: Ledger) -> pd.DataFrame:
    """Dates the death of one shared patient five days late, where there is room."""
    limit = pd.Timestamp(delivery) - pd.Timedelta(days=5)
    room = people["shared"].astype(bool) & (people["death_date"] <= limit)
    chosen = people.index[room][:1]
    out = people.copy()
    out.loc[chosen, "death_date"] = people.loc[chosen, "death_date"] + pd.Timedelta(days=5)
    ledger.add("death_differs_between_registries", people.loc[chosen, "national_number"])
    return out


def cut(table: pd.DataFrame, people: pd.DataFrame) -> pd.DataFrame:
    """Rows of delivered patients up to their last contact."""
    out = table[table["row"].isin(people.index)]
    last = people["last_contact_date"].reindex(out["row"]).to_numpy()
    return out[out["date"].to_numpy() <= last].reset_index(drop=True)


def _of(people: pd.DataFrame, name: str, row: pd.Series) -> np.ndarray:
    return np.asarray(people[name].reindex(row).to_numpy())


def _number(people: pd.DataFrame, row: pd.Series) -> np.ndarray:
    return numbered("G", _of(people, "treatment_number", row), 7)


def _patients(people: pd.DataFrame) -> pd.DataFrame:
    birth = people["birth_date"].dt
    died = people["death_date"].notna().to_numpy()
    return pd.DataFrame(
        {
            "patient_id": people["national_number"].to_numpy(),
            "sex": np.where(people["male"] == 1, "M", "F"),
            "birth_year": integers(birth.year.to_numpy()),
            "birth_month": integers(birth.month.to_numpy()),
            "residence_department": people["department"].to_numpy(),
            "vital_status": np.where(died, "dead", "alive"),
            "death_date": iso(people["death_date"].to_numpy()),
            "death_cause": np.where(died, people["death_cause"].fillna(""), ""),
            "registration_date": iso(people["registration_date"].to_numpy()),
            "last_contact_date": iso(people["last_contact_date"].to_numpy()),
        }
    )


def _treatments(people: pd.DataFrame) -> pd.DataFrame:
    # A drop-out is told 200 days after the decision.
    told = plus(people["decision_date"].to_numpy(), np.full(len(people), 200.0))
    out = told <= people["last_contact_date"].to_numpy()
    infused = people["infusion_date"].notna().to_numpy()
    number = people["treatment_number"].to_numpy()
    return pd.DataFrame(
        {
            "treatment_id": numbered("G", number, 7),
            "patient_id": people["national_number"].to_numpy(),
            "product_code": people["product"].to_numpy(),
            "indication_code": people["disease"].to_numpy(),
            "line": np.full(len(people), "", dtype=object),
            "centre_id": numbered("G", number % 9 + 1, 2),
            "decision_date": iso(people["decision_date"].to_numpy()),
            "order_date": iso(people["order_date"].to_numpy()),
            "apheresis_date": iso(people["apheresis_date"].to_numpy()),
            "release_date": iso(
                plus(people["infusion_date"].to_numpy(), np.full(len(people), -7.0))
            ),
            "infusion_date": iso(people["infusion_date"].to_numpy()),
            "not_infused_reason": np.where(out & ~infused, people["drop_out_reason"], ""),
            "batch_id": np.where(infused, numbered("GLOT", number, 7), ""),
            "batch_outcome": np.where(infused, "released", ""),
        }
    )


def _events(
    people: pd.DataFrame,
    table: pd.DataFrame,
    delivery: dt.date,
    ledger: Ledger,
    rng: np.random.Generator,
) -> pd.DataFrame:
    late = _late_events(people, delivery, rng)
    own = len(table)
    if len(late):
        table = pd.concat([table, late.astype({"date": table["date"].dtype})], ignore_index=True)
    kind = table["event_type"].to_numpy(dtype=object).copy()
    common = np.flatnonzero(np.isin(kind[:own], list(_AGAIN.values())))
    odd = pick(rng, common, amount(own, 0.002))
    kind[odd] = "unlisted_event"
    out = pd.DataFrame(
        {
            "event_id": numbered("EV", table["number"].to_numpy(), 9),
            "patient_id": _of(people, "national_number", table["row"]),
            "treatment_id": _number(people, table["row"]),
            "event_type": kind,
            "event_date": iso(table["date"].to_numpy()),
            "grade": table["grade"].to_numpy(),
            "grade_scale": table["grade_scale"].to_numpy(),
            "detail": table["detail"].to_numpy(),
        }
    )
    ledger.add("event_after_death", out["patient_id"].iloc[own:])
    ledger.add("unknown_code.event_type", out["patient_id"].iloc[odd])
    copied = pick(rng, np.setdiff1d(np.arange(own), odd), amount(own))
    ledger.add("duplicate_rows.events", out["patient_id"].iloc[copied])
    return out.iloc[duplicated(len(out), copied)]


def _late_events(people: pd.DataFrame, delivery: dt.date, rng: np.random.Generator) -> pd.DataFrame:
    """A bleed or transfusion nine days after the death, for a few of the dead."""
    room = people["death_date"] <= pd.Timestamp(delivery) - pd.Timedelta(days=30)
    dead = people[room & people["disease"].isin(list(_AGAIN))]
    others = int((people["disease"] != RPE65).sum())
    chosen = dead.iloc[pick(rng, np.arange(len(dead)), amount(others))]
    return pd.DataFrame(
        {
            "row": chosen.index,
            "date": chosen["death_date"] + pd.Timedelta(days=9),
            "event_type": chosen["disease"].map(_AGAIN),
            "grade": "",
            "grade_scale": "",
            "detail": "",
            "number": _LATE_EVENT + chosen["treatment_number"],
        }
    )


def _observations(
    people: pd.DataFrame, table: pd.DataFrame, ledger: Ledger, rng: np.random.Generator
) -> pd.DataFrame:
    # The readings of the eye come last, and are clean.
    own = int((_of(people, "disease", table["row"]) != RPE65).sum())
    parts = partition(rng, own, _OBSERVATION_SHARES)
    day = iso(table["date"].to_numpy())
    day[parts["unreadable_date"]] = [f"{text[:4]}-02-31" for text in day[parts["unreadable_date"]]]
    day[parts["absurd_date"]] = "1900-01-01"
    unit = table["unit"].to_numpy(dtype=object).copy()
    unit[parts["missing_unit"]] = ""
    out = pd.DataFrame(
        {
            "patient_id": _of(people, "national_number", table["row"]),
            "treatment_id": _number(people, table["row"]),
            "observed_at": day + "T09:00:00",
            "code": table["code"].to_numpy(),
            "value": table["value"].to_numpy(),
            "unit": unit,
        }
    )
    for kind, rows in parts.items():
        ledger.add(kind, out["patient_id"].iloc[rows])
    clean = np.setdiff1d(np.arange(own), np.concatenate(list(parts.values())))
    copied = pick(rng, clean, amount(own))
    ledger.add("duplicate_rows.observations", out["patient_id"].iloc[copied])
    return out.iloc[duplicated(len(out), copied)]


def _covariates(people: pd.DataFrame, table: pd.DataFrame) -> pd.DataFrame:
    """Characteristics, and the trial of those who take part in one, from the decision on."""
    joined = people[people["trial_id"] != ""]
    trials = pd.DataFrame(
        {
            "row": joined.index,
            "date": joined["decision_date"].astype(table["date"].dtype),
            "name": "trial_id",
            "value": joined["trial_id"],
        }
    )
    table = pd.concat([table, trials], ignore_index=True)
    return pd.DataFrame(
        {
            "patient_id": _of(people, "national_number", table["row"]),
            "treatment_id": _number(people, table["row"]),
            "name": table["name"].to_numpy(),
            "value": table["value"].to_numpy(),
            "measured_date": iso(table["date"].to_numpy()),
        }
    )


def _questionnaires(people: pd.DataFrame, lives: Lives) -> pd.DataFrame:
    """One row per answered item of the registry's own forms."""
    parts = []
    for instrument, forms in lives.forms.items():
        table = cut(forms[~forms["in_epro"].astype(bool)], people)
        given = ["row", "date", "visit", "respondent", "in_epro", "number"]
        items = [name for name in table.columns if name not in given]
        long = table.melt(id_vars=given, value_vars=items, var_name="item", value_name="answer")
        long = long[long["answer"].fillna("") != ""].sort_values(["number"], kind="stable")
        prefix = "P" if instrument.startswith("pedsql") else "Q"
        parts.append(
            pd.DataFrame(
                {
                    "questionnaire_id": numbered(prefix, long["number"].to_numpy(), 9),
                    "patient_id": _of(people, "national_number", long["row"]),
                    "completed_date": iso(long["date"].to_numpy()),
                    "visit": long["visit"].to_numpy(),
                    "respondent": long["respondent"].to_numpy(),
                    "instrument": np.full(len(long), instrument, dtype=object),
                    "item": long["item"].to_numpy(),
                    "answer": long["answer"].to_numpy(),
                }
            )
        )
    return pd.concat(parts, ignore_index=True)


def _stays(people: pd.DataFrame, table: pd.DataFrame) -> pd.DataFrame:
    leave = plus(table["date"].to_numpy(), table["nights"].to_numpy(dtype=float))
    last = _of(people, "last_contact_date", table["row"])
    return pd.DataFrame(
        {
            "patient_id": _of(people, "national_number", table["row"]),
            "admission_date": iso(table["date"].to_numpy()),
            "discharge_date": iso(np.where(leave <= last, leave, _NAT)),
            "ghm": table["ghm"].to_numpy(),
            "cost_eur": decimals(table["cost_eur"].to_numpy()),
            "icu_days": integers(table["icu_days"].to_numpy()),
        }
    )
