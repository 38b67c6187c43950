"""What a perfect reader of a gene therapy delivery finds: the clocks of its endpoints."""

import datetime as dt

import numpy as np
import pandas as pd

from simulation.endpoints import told_elsewhere, true_endpoints
from simulation.gene_therapy.files import cut, known
from simulation.gene_therapy.lives import Lives
from simulation.gene_therapy.parameters import BETI, EXA, HB
from simulation.populations import true_populations
from simulation.stacking import stacked
from simulation.text import numbered

ENDPOINTS = (
    "overall_survival", "death_by_cause", "ventilation_free_survival", "motor_milestone_sitting",
    "motor_milestone_walking", "motor_function_improvement", "transfusion_independence",
    "first_bleed", "infection", "prolonged_cytopenia", "visual_function_improvement",
)  # fmt: skip
_GAINS = {
    "chop_intend": ("motor_function_improvement", 4.0),
    "mobility_test": ("visual_function_improvement", 1.0),
    "visual_acuity": ("visual_function_improvement", -0.3),
}
"""What a reading shows, and by how much it must lie above (below, if negative) the last one up to
the infusion."""


def observed_endpoints(lives: Lives, delivery: dt.date, told: pd.DataFrame) -> pd.DataFrame:
    """One row a treatment, analysis set and endpoint (columns of `simulation.endpoints.COLUMNS`,
    key = treatment number as delivered). `told`: what other sources tell of some of these persons
    (national_number, kind, date)."""
    people = known(lives.patients, delivery)
    key = pd.Series(numbered("G", people["treatment_number"].to_numpy(), 7), index=people.index)
    own = cut(lives.events, people)
    detail = "_" + own["detail"].where(own["event_type"] == "motor_milestone", "")
    events = pd.DataFrame(
        {
            "key": key.reindex(own["row"]).to_numpy(),
            "kind": (own["event_type"] + detail.where(detail != "_", "")).to_numpy(),
            "date": own["date"].to_numpy(),
        }
    )
    more = told_elsewhere(told, key, people["national_number"])
    readings = cut(lives.observations, people)
    gains = [_gains(code, readings, people, key) for code in _GAINS]
    return true_endpoints(
        people.assign(key=key, follow_up_end=people["last_contact_date"], death_undated=False),
        stacked([events, *gains, more]),
        {
            "infused": people["infusion_date"],
            "intention_to_treat": people["apheresis_date"],
            "decision": people["decision_date"],
        },
        ENDPOINTS,
        delivery,
    )


def _gains(code: str, readings: pd.DataFrame, people: pd.DataFrame, key: pd.Series) -> pd.DataFrame:
    """Readings after the infusion that are far enough from the last one up to it."""
    kind, least = _GAINS[code]
    scores = readings[readings["code"] == code]
    scores = scores.assign(
        key=key.reindex(scores["row"]).to_numpy(),
        infusion=people["infusion_date"].reindex(scores["row"]).to_numpy(),
        # In tenths, as delivered: a difference of decimals is not exact.
        score=(scores["value"].astype(float) * 10).round().astype(int),
    )
    before = scores[scores["date"] <= scores["infusion"]].sort_values("date", kind="stable")
    baseline = before.groupby("key")["score"].last()
    after = scores[scores["date"] > scores["infusion"]]
    better = (after["score"] - after["key"].map(baseline)) * np.sign(least)
    found = after[better >= round(abs(least) * 10)]
    return pd.DataFrame({"key": found["key"], "kind": kind, "date": found["date"]})


def observed_populations(lives: Lives, delivery: dt.date) -> pd.DataFrame:
    """The populations of each treatment (`simulation.populations`, key as delivered). The release
    of a batch is told with its infusion, a week before it."""
    people = known(lives.patients, delivery)
    return true_populations(
        pd.Series(numbered("G", people["treatment_number"].to_numpy(), 7)),
        {
            "discussed": people["decision_date"],
            "eligible": people["decision_date"],
            "ordered": people["order_date"],
            "apheresed": people["apheresis_date"],
            "manufactured": people["infusion_date"] - pd.Timedelta(days=7),
            "infused": people["infusion_date"],
        },
        own_cells=people["product"].isin([EXA, BETI]).to_numpy(),
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
