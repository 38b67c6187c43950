"""What a perfect reader of a CAR-T delivery would find for each treatment."""

import numpy as np
import pandas as pd

from simulation.cart.registry import LDH_UPPER_LIMIT
from simulation.text import numbered

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
