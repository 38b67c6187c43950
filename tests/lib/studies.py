"""Studies evaluated in tests: a cohort to compare, and reading what an evaluation found."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from analyses.evaluation import evaluate
from analyses.results import Evaluation
from analyses.studies import Study
from tests.lib.marts import Marts


def evaluated(marts: Marts, **more: Any) -> Evaluation:
    with marts.connect() as con:
        return evaluate(Study(**{"id": "s", "title": "A study", **more}), con)


def found(tables: dict[str, pd.DataFrame], diagnostic: str) -> pd.DataFrame:
    rows = tables["diagnostic"]
    return rows[rows["diagnostic"].str.split(": ").str[0] == diagnostic]


def two_arms(people: int = 120) -> Marts:
    """A seeded cohort of two products with a covariate, deaths by cause and progressions."""
    random = np.random.default_rng(20260630)
    marts = Marts().source()
    for number in range(people):
        name, arm = f"p{number:03d}", "b" if number % 2 else "a"
        death = 1 + int(random.exponential(300 if arm == "a" else 600))
        progression = 1 + int(random.exponential(250))
        end = int(random.uniform(300, 800))
        last = min(death, end)
        died = "death" if death <= end else None
        progressed = progression <= last
        cause = ("disease" if number % 3 else "toxicity") if died else None
        first = progression if progressed else last
        marts.person(
            name,
            product=arm,
            sex="F" if random.random() < 0.4 else "M",
            birth_year=1940 + int(random.integers(0, 45)),
            outcomes={
                "overall_survival": (last, died),
                "progression_free_survival": (first, "progression" if progressed else died),
                "relapse": (first, "relapse" if progressed else died),
                "death_by_cause": (last, cause),
                "crs_grade_3": (last, died),
            },
        )
        if number % 10:
            marts.covariate(name, "ecog", int(random.integers(0, 3)))
    return marts
