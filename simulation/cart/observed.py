"""What a perfect reader of a CAR-T delivery would find for each treatment."""

import datetime as dt

import numpy as np
import pandas as pd

from simulation.cart.complications import CODES as COMPLICATIONS
from simulation.cart.dirt import UNKNOWN_CAUSE
from simulation.cart.registry import LDH_UPPER_LIMIT, RESPONSE_LETTERS, follow_up
from simulation.endpoints import dates, graded, told_elsewhere, true_endpoints
from simulation.populations import true_populations
from simulation.text import numbered

ENDPOINTS = (
    "overall_survival", "progression_free_survival", "event_free_survival", "relapse",
    "non_relapse_mortality", "death_by_cause", "time_to_response", "duration_of_response",
    "time_to_next_treatment", "crs_any", "crs_grade_3", "icans_any", "icans_grade_3",
    "b_cell_aplasia_recovery", "icu_admission", "t_cell_malignancy", "second_malignancy",
    "infection",
)  # fmt: skip

_KEPT = [
    "national_number", "group", "product", "line", "age", "male", "ecog", "ldh_ratio", "bulky",
    "ipi", "centre", "decision_date", "apheresis_date", "infusion_date", "follow_up_end",
    "death_date", "progression_date", "next_treatment_date", "best_response", "crs_grade",
    "icans_grade",
]  # fmt: skip


def observed(known: pd.DataFrame) -> pd.DataFrame:
    """One row a treatment, from what `registry.known` gave.

    Columns: identity, true covariates (ldh_ratio to the delivered decimal), dates, best_response
    and grades (empty or zero when not infused), and for each analysis set (infused: from infusion,
    missing when not infused; intention_to_treat: from apheresis) and endpoint (overall_survival,
    progression_free_survival): <set>.<endpoint>.days and .event, and .cause for the latter.
    """
    out = known[_KEPT].copy()
    out.insert(1, "treatment_id", numbered("T", known["treatment_number"].to_numpy(), 7))
    out["ldh_ratio"] = np.round(out["ldh_ratio"] * LDH_UPPER_LIMIT, 1) / LDH_UPPER_LIMIT
    infused = known["infusion_date"].notna()
    out["best_response"] = out["best_response"].where(infused, "")
    for name in ("crs", "icans"):
        happened = infused & known[f"{name}_date"].notna()
        out[f"{name}_grade"] = out[f"{name}_grade"].where(happened, 0)
    for name, start in (
        ("infused", known["infusion_date"]),
        ("intention_to_treat", known["apheresis_date"]),
    ):
        for endpoint, values in endpoints(known, start).items():
            out[f"{name}.{endpoint}"] = values
    return out


def endpoints(known: pd.DataFrame, start: pd.Series) -> dict[str, pd.Series]:
    """Days, events and causes by endpoint from `start`, of those that have one.

    `known` has death_date, progression_date and follow_up_end.
    """
    death, progression = known["death_date"], known["progression_date"]
    failure = progression.fillna(death)
    started = start.notna()
    cause = np.where(progression.notna(), "progression", np.where(death.notna(), "death", ""))
    return {
        "overall_survival.days": (death.fillna(known["follow_up_end"]) - start).dt.days,
        "overall_survival.event": death.notna().astype(float).where(started),
        "progression_free_survival.days": (failure.fillna(known["follow_up_end"]) - start).dt.days,
        "progression_free_survival.event": failure.notna().astype(float).where(started),
        "progression_free_survival.cause": pd.Series(cause, index=known.index).where(started, ""),
    }


def observed_endpoints(
    known: pd.DataFrame, seed: int, delivery: dt.date, told: pd.DataFrame, unread: pd.Series
) -> pd.DataFrame:
    """The clocks of every endpoint that the registry's own forms tell, one row a treatment, set
    and endpoint (columns of `simulation.endpoints.COLUMNS`, key = treatment number as delivered).

    Responses count from the visits at which the forms tell them. `told`: what other sources tell of
    these persons (national_number, kind, date); `unread`: national numbers of whom this one tells a
    cause of death in no code list, which is kept as it is.
    """
    known = known.sort_values("treatment_number", ignore_index=True)
    key = pd.Series(numbered("T", known["treatment_number"].to_numpy(), 7))
    forms = follow_up(known, seed)
    responded = forms[forms["REPONSE"].isin(RESPONSE_LETTERS)]
    events = [
        *(
            dates(kind, key, known[f"{kind}_date"])
            for kind in ("progression", "next_treatment", *COMPLICATIONS)
        ),
        dates("response", responded["NO_TRAITEMENT"], responded["_date"]),
        told_elsewhere(told, key, known["national_number"]),
    ]
    for kind in ("crs", "icans"):
        seen = known[f"{kind}_grade"] > 0
        columns = known.loc[seen, f"{kind}_date"], known.loc[seen, f"{kind}_grade"]
        events.append(graded(kind, key[seen], *columns))
    return true_endpoints(
        known.assign(
            key=key,
            registration_date=known["apheresis_date"],
            death_undated=False,
            death_cause=known["death_cause"].mask(
                known["national_number"].isin(unread), UNKNOWN_CAUSE
            ),
        ),
        pd.concat(events),
        {"infused": known["infusion_date"], "intention_to_treat": known["apheresis_date"]},
        ENDPOINTS,
        delivery,
    )


def observed_populations(known: pd.DataFrame) -> pd.DataFrame:
    """The populations of each treatment (`simulation.populations`, key as delivered)."""
    return true_populations(
        pd.Series(numbered("T", known["treatment_number"].to_numpy(), 7)),
        {
            "discussed": known["decision_date"],
            "eligible": known["decision_date"],
            "ordered": known["order_date"],
            "apheresed": known["apheresis_date"],
            "manufactured": known["release_date"],
            "infused": known["infusion_date"],
        },
    )
