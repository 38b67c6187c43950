"""Fixtures of the report's unit tests: one set of results, one rendering, shared."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "lib"))

import report_results


@pytest.fixture(scope="session")
def results():
    return report_results.results()


@pytest.fixture(scope="session")
def report(results):
    from analyses.report import render

    return render(
        report_results.studies(), results, report_results.manifest(), report_results.checks()
    )
