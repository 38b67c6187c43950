"""A seeded cohort of two products at eight centres, with responses, for the analyses of states."""

from __future__ import annotations

import numpy as np

from tests.lib.marts import Marts
from tests.lib.studies import two_arms


def responders(people: int = 120, centres: int = 8) -> Marts:
    """`two_arms` with a centre each, and a response of most people before they progress or die."""
    marts = two_arms(people)
    random = np.random.default_rng(5)
    rows = marts.rows["time_to_event"]
    first = {r["patient_id"]: r for r in rows if r["endpoint"] == "progression_free_survival"}
    for number, treatment in enumerate(list(marts.rows["treatment"])):
        treatment["centre_id"] = f"c{number % centres}"
        of = first[treatment["patient_id"]]
        day = int(20 + random.exponential(60))
        responds = random.random() < 0.7 and day < of["time_days"]
        marts.outcome(
            {"source": "registry", "patient_id": treatment["patient_id"]},
            treatment["treatment_id"],
            "time_to_response",
            day if responds else of["time_days"],
            "time_to_response" if responds else of["cause"],
        )
    return marts
