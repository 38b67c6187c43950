"""docs/statistics.md lists every case held against R, and no difference larger than allowed."""

import re

from tests.lib.parity_page import END, LISTED, PAGE, START, pairs, rounded, row

PUBLISHED = PAGE.read_text().split(START)[1].split(END)[0]
ROWS = {line.split("|")[1].strip(" `"): line for line in PUBLISHED.split("\n") if "| `" in line}


def test_every_method_and_every_case_is_in_the_page() -> None:
    assert list(ROWS) == [method.name for method in LISTED]
    for method in LISTED:
        cells = [cell.strip() for cell in ROWS[method.name].split("|")[1:-1]]
        assert cells[1] == f"`{method.r}`"
        assert cells[2].split(", ") == list(method.cases), method.name
        assert float(cells[6]) <= float(cells[5]) == method.tolerance, method.name


def test_there_are_40_pairs_of_table_and_method_and_the_page_counts_them() -> None:
    said = re.search(r"(\d+) pairs of table and method, (\d+) cases", PUBLISHED)
    assert said is not None
    assert int(said[1]) == len(pairs()) >= 40
    assert int(said[2]) == sum(len(method.cases) for method in LISTED)


def test_a_row_computed_now_is_that_of_the_page_but_for_the_last_digits() -> None:
    method = next(method for method in LISTED if method.name == "gray_test")
    assert row(method).split("|")[:-2] == ROWS["gray_test"].split("|")[:-2]
    assert [rounded(d) for d in (0.0, 3e-15, 1e-8, 2e-8)] == ["0", "1e-14", "1e-8", "1e-7"]
