"""`make validation` is long and by hand; here its code on few replicates, and its page's rules."""

from __future__ import annotations

import math
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analyses.survival import restricted_mean
from benchmarks import validation
from benchmarks.validation import LAWS, SIZES
from benchmarks.validation_laws import restricted_mean_of_days, weibull_survival

PUBLISHED = validation.PAGE.read_text().split(validation.START)[1].split(validation.END)[0]
TABLES = [
    [[cell.strip() for cell in line.split("|")[1:-1]] for line in part.splitlines()[2:]]
    for part in re.findall(r"(?:^\|.*\n)+", PUBLISHED, re.MULTILINE)
]
CHEAP = ("kaplan_meier", "late_entry", "weighted", "incidence", "contrasts")
EXPECTED = [(law.method, label) for law in LAWS.values() for label in law.truths]


@pytest.mark.parametrize("name", LAWS)
def test_few_replicates_cover_the_truth(name: str) -> None:
    replicates = 400 if name in CHEAP else 8 if name == "firth" else 60
    found = validation.coverage(LAWS[name], 200, replicates, name)
    assert set(found) == set(LAWS[name].truths)
    for label, one in found.items():
        assert one.known == replicates, label
        assert abs(one.share - 0.95) <= 4.5 * one.error, (label, one)


def test_a_law_draws_the_same_again_and_another_size_other_people() -> None:
    first, again, other = (
        validation.coverage(LAWS["incidence"], n, 200, "incidence") for n in (60, 60, 61)
    )
    assert first == again
    assert first != other


def test_what_is_kept_is_of_the_laws_and_the_estimators_as_they_are(tmp_path: Path) -> None:
    behind = {file.name for file in validation.code_behind()}
    assert {"validation_laws.py", "validation_models.py", "cox_fit.py", "bands.py"} <= behind
    file = tmp_path / "estimator.py"
    file.write_text("width = 1.96\n")
    before = validation.fingerprint([file])
    assert validation.fingerprint([file]) == before
    file.write_text("width = 1.64\n")
    assert validation.fingerprint([file]) != before


def test_truths_are_those_of_the_laws() -> None:
    """A restricted mean by another way: of so many people that hardly an error is left."""
    days = np.arange(1, 20_000)
    alive = weibull_survival(np.append(0, days), 550.0)
    people = np.repeat(days, np.diff(np.round((1 - alive) * 1e6)).astype(int))
    sample = pd.DataFrame({"time": people.astype(float), "event": 1})
    mean = restricted_mean(sample, horizon=730)["rmst"].item()
    assert mean == pytest.approx(restricted_mean_of_days(730, 550.0), rel=1e-4)


def test_the_page_has_every_interval_at_every_size_with_its_error() -> None:
    coverage, misses = TABLES
    assert [tuple(row[:2]) for row in coverage] == EXPECTED
    assert [tuple(row[:2]) for row in misses] == EXPECTED
    truths = [value for law in LAWS.values() for value in law.truths.values()]
    for row, truth in zip(coverage, truths, strict=True):
        assert float(row[2]) == pytest.approx(truth, rel=1e-4)
        assert len(row) == 3 + len(SIZES)


def test_what_the_page_says_of_sandwich_errors_is_in_its_table() -> None:
    cells = {tuple(row[:2]): row[3:] for row in TABLES[0]}

    def span(size: int, *words: str) -> str:
        """From the least to the largest coverage of the rows that have one of the words."""
        seen = [
            float(cell[SIZES.index(size)].split(" ")[0])
            for key, cell in cells.items()
            if key[0] in ("Cox", "Fine-Gray") and any(word in " ".join(key) for word in words)
        ]
        assert len(seen) >= 2
        return f"{min(seen):.2f} to {max(seen):.2f} %"

    robust, model = ("robust variance", "Fine-Gray"), ("model variance",)
    said = next(s for s in validation.PAGE.read_text().split("\n") if s.startswith("Sandwich"))
    assert f"log hazard ratios cover {span(200, *robust)}" in said
    assert f"those of Cox's model variance {span(200, *model)}" in said
    assert f"at n = 1,000 both cover {span(1000, *robust, *model)}" in said


def test_from_200_people_on_coverage_is_nominal_within_monte_carlo_error() -> None:
    coverage, misses = TABLES
    of_law = [law for law in LAWS.values() for _ in law.truths]
    for law, row, missed in zip(of_law, coverage, misses, strict=True):
        replicates = law.most_replicates or validation.REPLICATES
        assert missed[-1].endswith(f"of {replicates}")
        for n, cell in zip(SIZES, row[3:], strict=True):
            if n not in law.sizes:
                assert cell == ""
                continue
            share, error, mark = re.fullmatch(r"([\d.]+) ± ([\d.]+)( \*)?", cell).groups()
            known = 1e4 * 0.95 * 0.05 / float(error) ** 2
            assert 0.9 * replicates <= known <= 1.1 * replicates
            off = abs(float(share) - 95) / (100 * math.sqrt(0.95 * 0.05 / replicates))
            assert n < 200 or (off <= 3.1 and mark is None), (row[:2], n, cell)
