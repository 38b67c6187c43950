"""The answers delivered score to the true utilities, and missing forms are those truth names."""

from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

from simulation.quality_of_life.instruments import EQ5D_ITEMS, utility
from tests.lib.simulated_files import decoded

VISIT = "https://atmp-rwe.example/fhir/StructureDefinition/visit"


@pytest.mark.parametrize(
    ("levels", "value"),
    [
        # Andrade et al. 2020, French EQ-5D-5L value set.
        ((1, 1, 1, 1, 1), 1.0),
        ((2, 2, 2, 2, 2), 0.85028),
        ((5, 4, 3, 2, 1), 0.440889),
        ((5, 5, 5, 5, 5), -0.525491),
    ],
)
def test_utilities_are_those_of_the_published_value_set(
    levels: tuple[int, ...], value: float
) -> None:
    assert utility(np.array([levels]))[0] == pytest.approx(value, abs=1e-6)


def test_delivered_answers_score_to_the_true_utility(home: Path) -> None:
    true = {
        (row["national_number"], row["visit"]): row
        for row in pq.read_table(home / "truth/quality_of_life.parquet").to_pylist()
    }
    compared, absent = 0, 0
    for form in decoded(home / "landing/epro/2026-06-30"):
        number = form["subject"]["identifier"]["value"]
        visits = [e["valueCode"] for e in form["extension"] if e["url"] == VISIT]
        row = true.get((number, visits[0]))
        if row is None or not form["questionnaire"].endswith("eq-5d-5l|1.0"):
            continue
        if form["authored"][:10] != row["visit_date"].date().isoformat():
            continue  # a form after death, or one of a gene therapy of the same person
        answers = {i["linkId"]: i["answer"][0]["valueInteger"] for i in form.get("item", [])}
        absent += row["missing"]
        assert row["missing"] == (form["status"] == "stopped")
        if all(item in answers for item in EQ5D_ITEMS):
            levels = np.array([[answers[item] for item in EQ5D_ITEMS]])
            assert utility(levels)[0] == pytest.approx(row["utility"], abs=1e-12)
            compared += 1
    assert compared > 500
    assert absent > 50
