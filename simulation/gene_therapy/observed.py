"""What a perfect reader of a gene therapy delivery finds: the clocks of its endpoints."""

import datetime as dt

import pandas as pd

from simulation.endpoints import true_endpoints
from simulation.gene_therapy.files import cut, known
from simulation.gene_therapy.lives import Lives
from simulation.gene_therapy.parameters import HB
from simulation.text import numbered

ENDPOINTS = (
    "overall_survival", "death_by_cause", "ventilation_free_survival", "motor_milestone_sitting",
    "motor_milestone_walking", "motor_function_improvement", "transfusion_independence",
    "first_bleed", "infection", "prolonged_cytopenia",
)  # fmt: skip
_LEAST_GAIN = 4
"""Points of CHOP INTEND above the last reading before the infusion."""


def observed_endpoints(lives: Lives, delivery: dt.date) -> pd.DataFrame:
    """One row a treatment, analysis set and endpoint (columns of `simulation.endpoints.COLUMNS`,
    key = treatment number as delivered)."""
    people = known(lives.patients, delivery)
    key = pd.Series(numbered("G", people["treatment_number"].to_numpy(), 7), index=people.index)
    told = cut(lives.events, people)
    detail = "_" + told["detail"].where(told["event_type"] == "motor_milestone", "")
    events = pd.DataFrame(
        {
            "key": key.reindex(told["row"]).to_numpy(),
            "kind": (told["event_type"] + detail.where(detail != "_", "")).to_numpy(),
            "date": told["date"].to_numpy(),
        }
    )
    gains = _motor_gains(cut(lives.observations, people), people, key)
    return true_endpoints(
        people.assign(key=key, follow_up_end=people["last_contact_date"]),
        pd.concat([events, gains]),
        {
            "infused": people["infusion_date"],
            "intention_to_treat": people["apheresis_date"],
            "decision": people["decision_date"],
        },
        ENDPOINTS,
        delivery,
    )


def _motor_gains(readings: pd.DataFrame, people: pd.DataFrame, key: pd.Series) -> pd.DataFrame:
    """Readings after the infusion that are far enough above the last one up to it."""
    scores = readings[readings["code"] == "chop_intend"]
    scores = scores.assign(
        key=key.reindex(scores["row"]).to_numpy(),
        infusion=people["infusion_date"].reindex(scores["row"]).to_numpy(),
        score=scores["value"].astype(int),
    )
    before = scores[scores["date"] <= scores["infusion"]].sort_values("date", kind="stable")
    baseline = before.groupby("key")["score"].last()
    after = scores[scores["date"] > scores["infusion"]]
    better = after["score"] - after["key"].map(baseline) >= _LEAST_GAIN
    found = after[better]
    return pd.DataFrame(
        {"key": found["key"], "kind": "motor_function_improvement", "date": found["date"]}
    )


def observed_bleeds(lives: Lives, delivery: dt.date) -> pd.DataFrame:
    """One row an infused treatment for haemophilia: key, days (from the infusion to the end of
    follow-up) and bleeds after the day of the infusion."""
    people = known(lives.patients, delivery)
    people = people[people["infusion_date"].notna() & (people["disease"] == HB)]
    told = cut(lives.events, people)
    bleeds = told[told["event_type"] == "bleed"]
    late = bleeds["date"] > people["infusion_date"].reindex(bleeds["row"]).to_numpy()
    number = bleeds[late].groupby("row").size().reindex(people.index, fill_value=0)
    return pd.DataFrame(
        {
            "key": numbered("G", people["treatment_number"].to_numpy(), 7),
            "days": (people["last_contact_date"] - people["infusion_date"]).dt.days.to_numpy(),
            "bleeds": number.to_numpy(),
        }
    )
