"""The table of docs/statistics.md: every method held against R, and the largest difference seen.

`python -m tests.lib.parity_page` computes everything again and writes the table into the page.
"""

from __future__ import annotations

import math
from pathlib import Path

from tests.lib.parity import Comparison, Method, compare
from tests.lib.parity_ebmt import EBMT_METHODS
from tests.lib.parity_methods import METHODS
from tests.lib.parity_tables import GOLDEN

PAGE = Path(__file__).parents[2] / "docs" / "statistics.md"
START, END = "<!-- parity: start -->", "<!-- parity: end -->"
ROUNDING = 1e-15
LISTED = (*METHODS, *EBMT_METHODS)


def pairs() -> set[tuple[str, str]]:
    """(table, method) held against R."""
    return {(method.table(case), method.name) for method in LISTED for case in method.cases}


def row(method: Method) -> str:
    """A method, computed on all its cases."""
    compared = [compare(method, case) for case in method.cases]
    cells = (
        f"`{method.name}`",
        f"`{method.r}`",
        ", ".join(method.cases),
        str(len({method.table(case) for case in method.cases})),
        str(sum(_numbers(one) for one in compared)),
        f"{method.tolerance:.0e}",
        rounded(max(one.largest for one in compared)),
    )
    return "| " + " | ".join(cells) + " |"


def rounded(difference: float) -> str:
    """Up to the next power of ten, so that another machine's last digit changes nothing."""
    if difference <= ROUNDING:
        return "0"
    return f"1e{math.ceil(math.log10(difference)):d}"


def table() -> str:
    """The table as Markdown."""
    versions = ", ".join((GOLDEN / "versions.txt").read_text().splitlines())
    cases = sum(len(method.cases) for method in LISTED)
    lines = [
        f"{len(pairs())} pairs of table and method, {cases} cases. {versions}.",
        "",
        "| ours | R | cases | tables | numbers | tolerance | largest difference below |",
        "|---|---|---|---|---|---|---|",
        *(row(method) for method in LISTED),
    ]
    return "\n".join(lines)


def _numbers(one: Comparison) -> int:
    return len(one.both) * len(one.method.values)


def written(page: str) -> str:
    """The page with the table computed now."""
    before, rest = page.split(START)
    return f"{before}{START}\n{table()}\n{END}{rest.split(END)[1]}"


if __name__ == "__main__":
    PAGE.write_text(written(PAGE.read_text()))
