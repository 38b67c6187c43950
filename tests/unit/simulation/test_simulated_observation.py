"""Reading the delivered CSV alone gives, patient by patient, the endpoints the truth states."""

import datetime as dt
from collections import defaultdict
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from tests.lib.simulated_files import delivered, follow_up

DAYS = ("2025-06-30", "2026-06-30")
PREFIX = "infused."


def french(text: str) -> dt.date:
    return dt.datetime.strptime(text, "%d/%m/%Y").date()


def read_endpoints(folder: Path) -> dict[str, dict[str, float | None]]:
    """Days and events from infusion by treatment: first death, first progression, last news."""
    dates: dict[str, dict[str, list[dt.date]]] = defaultdict(lambda: defaultdict(list))
    for row in follow_up(folder):
        for name in ("DATE_DECES", "DATE_PROGRESSION", "DATE_DERNIERES_NOUVELLES"):
            if row[name]:
                dates[row["NO_TRAITEMENT"]][name].append(french(row[name]))
    out: dict[str, dict[str, float | None]] = {}
    for row in delivered(folder / "traitements.csv"):
        if not row["DATE_PERFUSION"]:
            out[row["NO_TRAITEMENT"]] = {}
            continue
        start, known = french(row["DATE_PERFUSION"]), dates[row["NO_TRAITEMENT"]]
        death = min(known["DATE_DECES"], default=None)
        end = death or max(known["DATE_DERNIERES_NOUVELLES"])
        failure = min([*known["DATE_PROGRESSION"], *([death] if death else [])], default=None)
        out[row["NO_TRAITEMENT"]] = {
            "overall_survival.days": (end - start).days,
            "overall_survival.event": float(death is not None),
            "progression_free_survival.days": ((failure or end) - start).days,
            "progression_free_survival.event": float(failure is not None),
        }
    return out


@pytest.mark.parametrize("day", DAYS)
def test_a_careful_reader_finds_the_true_endpoints(home: Path, day: str) -> None:
    read = read_endpoints(home / "landing/cart_registry" / day)
    truth = pq.read_table(home / "truth/cart_registry" / f"{day}.parquet").to_pylist()
    assert {row["treatment_id"] for row in truth} == set(read)
    infused = [row for row in truth if row["infusion_date"] is not None]
    assert 0.75 < len(infused) / len(truth) < 0.92
    for row in truth:
        found = read[row["treatment_id"]]
        assert bool(found) == (row["infusion_date"] is not None)
        for name, value in found.items():
            assert row[PREFIX + name] == value


@pytest.mark.parametrize("day", DAYS)
def test_best_responses_grades_and_causes_are_the_true_ones(home: Path, day: str) -> None:
    letters = {"RC": "complete_response", "RP": "partial_response", "MS": "stable_disease"}
    order = ["RC", "RP", "MS"]
    seen: dict[str, set[str]] = defaultdict(set)
    grades: dict[str, tuple[int, int]] = {}
    for row in follow_up(home / "landing/cart_registry" / day):
        seen[row["NO_TRAITEMENT"]].add(row["REPONSE"])
        if row["CRS_GRADE"]:
            grades[row["NO_TRAITEMENT"]] = (int(row["CRS_GRADE"]), int(row["ICANS_GRADE"]))
    compared = 0
    for row in pq.read_table(home / "truth/cart_registry" / f"{day}.parquet").to_pylist():
        if row["infusion_date"] is None:
            continue
        assert grades[row["treatment_id"]] == (row["crs_grade"], row["icans_grade"])
        # A response is on file once the patient has been followed past the visit at month 3.
        days = (row["follow_up_end"] - row["infusion_date"]).days
        if row["best_response"] in letters.values() and days > 110:
            best = next(letter for letter in order if letter in seen[row["treatment_id"]])
            assert letters[best] == row["best_response"]
            compared += 1
    assert compared > 100


def test_no_follow_up_goes_beyond_the_delivery(home: Path) -> None:
    for day in DAYS:
        for row in follow_up(home / "landing/cart_registry" / day):
            assert french(row["DATE_DERNIERES_NOUVELLES"]) <= dt.date.fromisoformat(day)
