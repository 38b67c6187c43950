"""The page `docs/data-quality.md`: every check in words, generated from the suites and dbt's tests.

Write it anew with `python -m expectations.catalogue_page docs/data-quality.md` after changing a
suite or a test; a test holds the page and them equal.
"""

import sys
from collections.abc import Sequence
from pathlib import Path

from expectations.catalogue import suites
from expectations.dbt_tests import DataTest, dbt_tests
from expectations.spec import Category, CheckSpec, Layer, Suite
from expectations.suites import SUITES

INTRODUCTION = """\
# Data quality: what is checked, and why

This page is generated from `expectations/suites/` and the data tests of `dbt_project/` by
`python -m expectations.catalogue_page docs/data-quality.md`; edit those, not the page.

The checks run twice in each run: on what was delivered (`raw`, before dbt) and on what the
analyses read (`marts`, after dbt). Keys, codes and what the harmonised tables promise are tested by
dbt between the two ([below](#harmonisation-dbt)); the shape of a delivery by its contract, and the
preconditions of a method by the method.

- **ERROR** stops the run: a result computed from such data would be false. **WARN** is shown and
  lets the run go on: real extracts have slips of the pen, and a few of them change no curve.
- Many rules come twice: a WARN on strays, and an ERROR, `..._in_bulk`, on what can no longer be
  a slip (dates misread, columns exchanged, another coding).
- The share in *in at least 99 % of rows* is of the rows a rule applies to: a rule about dates of
  death looks at the dead. A rule that applies to no row passes and says so, and so does an
  empty table, except for `has_rows`.
- In the conditions, `delivered` is the date of the delivery a row came from; other names that are
  not columns of the table are joined from the patient or treatment of the row.
- Categories are those of Kahn et al., *A harmonized data quality assessment terminology and
  framework*, eGEMs 2016;4(1):1244: conformance (values have the agreed form), completeness
  (values are there), plausibility (values are believable).
- Outcomes are counts and shares. No value of a patient is kept, shown or logged.
"""
HEADER = "| check | severity | category | rule | why |\n|---|---|---|---|---|"
CATEGORIES: tuple[Category, ...] = ("conformance", "completeness", "plausibility")
TITLES: tuple[tuple[Layer, str], ...] = (
    ("raw", "Deliveries (`raw`)"),
    ("marts", "Harmonised data (`marts`)"),
)


def catalogue_page() -> str:
    """The Markdown text of the page."""
    parts = [INTRODUCTION, _overview()]
    for layer, title in TITLES:
        parts.append(f"## {title}\n")
        parts.extend(_section(suite) for suite in suites(layer))
    parts.append(_of_dbt(dbt_tests()))
    return "\n".join(parts)


def _overview() -> str:
    rows = [
        "| table | ERROR | WARN | " + " | ".join(CATEGORIES) + " |",
        "|---|" + "---:|" * (2 + len(CATEGORIES)),
    ]
    for suite in SUITES:
        severities = [spec.severity for spec in suite.checks]
        categories = [spec.category for spec in suite.checks]
        counts = [severities.count("ERROR"), severities.count("WARN")]
        counts += [categories.count(category) for category in CATEGORIES]
        name = suite.qualified_table
        rows.append(f"| [{name}](#{_anchor(name)}) | {' | '.join(map(str, counts))} |")
    return "\n".join(rows) + "\n"


def _section(suite: Suite) -> str:
    rows = "\n".join(_row(spec) for spec in suite.checks)
    return f"### {suite.qualified_table}\n\n{HEADER}\n{rows}\n"


def _of_dbt(tests: Sequence[DataTest]) -> str:
    counts = ", ".join(
        f"{sum(one.category == category for one in tests)} of {category}" for category in CATEGORIES
    )
    errors = sum(one.severity == "ERROR" for one in tests)
    rows = "\n".join(
        f"| `{one.name}` | {one.on} | {one.severity} | {one.category} | {one.reason} |"
        for one in tests
    )
    return (
        "## Harmonisation (dbt)\n\n"
        f"{len(tests)} data tests, {errors} of them ERROR: {counts}.\n\n"
        f"| test | reads | severity | category | why |\n|---|---|---|---|---|\n{rows}\n"
    )


def _row(spec: CheckSpec) -> str:
    cells = (f"`{spec.name}`", spec.severity, spec.category, spec.rule, spec.reason)
    escaped = (cell.replace("|", "\\|") for cell in cells)
    return f"| {' | '.join(escaped)} |"


def _anchor(heading: str) -> str:
    return heading.replace(".", "")


def main(arguments: Sequence[str]) -> int:
    """Write the page to the path given, or to standard output."""
    if arguments:
        Path(arguments[0]).write_text(catalogue_page(), encoding="utf-8")
    else:
        sys.stdout.write(catalogue_page())
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
