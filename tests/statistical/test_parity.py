"""Estimates equal those of R, on public and on tie-heavy tables, and the page says so.

Golden results: `golden/*.csv`, made by the R scripts beside them (versions in `versions.txt`).
"""

import pandas as pd
import pytest

from tests.lib.parity import Method, compare
from tests.lib.parity_methods import METHODS
from tests.lib.parity_tables import GOLDEN

CASES = [(method, case) for method in METHODS for case in method.cases]


@pytest.mark.parametrize(("method", "case"), CASES, ids=lambda x: getattr(x, "name", x))
def test_every_number_equals_that_of_r(method: Method, case: str) -> None:
    compare(method, case).check()


def test_every_golden_case_is_compared() -> None:
    compared = {(method.golden, case) for method, case in CASES}
    for file in GOLDEN.glob("*.csv"):
        cases = set(pd.read_csv(file, dtype={"case": str})["case"])
        assert {(file.stem, case) for case in cases} <= compared, file.name
