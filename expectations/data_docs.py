"""Data Docs: what was expected of each table and how far it was met, as pages to browse offline.

The pages are Great Expectations' own, but they are rendered from our outcomes, which are counts,
and not from its results: nothing that could hold a value of a patient takes part.
"""

import html
import shutil
import tempfile
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import groupby
from pathlib import Path
from typing import Any

from expectations.errors import ExpectationsError
from expectations.outcome import CheckOutcome

SITE = "data_docs"
RUN = "checks"


def write_data_docs(
    outcomes: Sequence[CheckOutcome], folder: Path, *, at: datetime | None = None
) -> Path:
    """Write the Data Docs of the outcomes into the folder and return the path of `index.html`.

    Earlier Data Docs in the folder are replaced; a folder with anything else in it is refused
    with ExpectationsError. `at` is the time of the run shown (default: now). The pages load
    nothing: no script, no style sheet, no picture, from the network or beside them.
    """
    folder = Path(folder)
    _refuse_others(folder)
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".data_docs-") as scratch:
        site = Path(scratch) / SITE
        _build(outcomes, site, at or datetime.now(UTC))
        if folder.exists():
            shutil.rmtree(folder)
        site.rename(folder)
    return folder / "index.html"


def _refuse_others(folder: Path) -> None:
    if not folder.exists():
        return
    if not folder.is_dir() or (any(folder.iterdir()) and not (folder / "index.html").is_file()):
        raise ExpectationsError(
            f"{folder} holds something else than Data Docs: name a new or an empty folder."
        )


def _build(outcomes: Sequence[CheckOutcome], site: Path, at: datetime) -> None:
    from expectations import translation

    context = translation.ephemeral_context()
    context.add_data_docs_site(SITE, _site_config(site))
    by_table = {
        table: tuple(group) for table, group in groupby(outcomes, lambda o: o.spec.qualified_table)
    }
    run_time = at.astimezone(UTC).replace(microsecond=0)
    for table, of_table in by_table.items():
        _add_table(context, table, of_table, run_time)
    context.build_data_docs(build_index=False)
    # The library copies 3 MB of its pictures and fonts beside the pages, which use none of them.
    shutil.rmtree(site / "static", ignore_errors=True)
    _write_index(by_table, site)


def _site_config(site: Path) -> dict[str, Any]:
    view = {"module_name": "expectations.data_docs_view", "class_name": "OfflinePageView"}
    return {
        "class_name": "SiteBuilder",
        "show_how_to_buttons": False,
        "store_backend": {
            "class_name": "TupleFilesystemStoreBackend",
            "base_directory": str(site),
        },
        "site_index_builder": {"class_name": "DefaultSiteIndexBuilder"},
        "site_section_builders": {
            "expectations": {"view": view},
            "validations": {"view": view},
            "profiling": "none",
        },
    }


def _add_table(
    context: Any, table: str, outcomes: tuple[CheckOutcome, ...], run_time: datetime
) -> None:
    """Put the suite and a result made of counts into the context's stores."""
    from great_expectations.core import (
        ExpectationSuiteValidationResult,
        ExpectationValidationResult,
        RunIdentifier,
    )
    from great_expectations.data_context.types.resource_identifiers import (
        ExpectationSuiteIdentifier,
        ValidationResultIdentifier,
    )

    from expectations import translation

    suite = translation.great_expectations().ExpectationSuite(name=table)
    results = []
    for outcome in outcomes:
        spec = outcome.spec
        # A condition over several columns is filed under the first of them.
        columns = spec.columns if spec.kind == "distinct" else spec.columns[:1]
        expectation = translation.expectation(spec, columns)
        expectation.description = _description(outcome)
        suite.add_expectation(expectation)
        results.append(
            ExpectationValidationResult(
                success=outcome.passed,
                expectation_config=expectation.configuration,
                result=_counts(outcome),
                exception_info={
                    "raised_exception": False,
                    "exception_traceback": None,
                    "exception_message": None,
                },
            )
        )
    context.suites.add(suite)
    met = sum(outcome.passed for outcome in outcomes)
    run = RunIdentifier(run_name=RUN, run_time=run_time)
    key = ValidationResultIdentifier(ExpectationSuiteIdentifier(table), run, RUN)
    value = ExpectationSuiteValidationResult(
        success=all(outcome.status != "failed" for outcome in outcomes),
        results=results,
        suite_name=table,
        statistics={
            "evaluated_expectations": len(outcomes),
            "successful_expectations": met,
            "unsuccessful_expectations": len(outcomes) - met,
            "success_percent": 100 * met / len(outcomes),
        },
        meta={"run_id": run, "batch_spec": {"data_asset_name": table}},
    )
    context.validation_results_store.set(key, value)


def _description(outcome: CheckOutcome) -> str:
    """What the pages say of a check; the library shows it as HTML in place of its own sentence."""
    spec = outcome.spec
    state = "passed" if outcome.passed else outcome.status
    note = f" <em>{_text(outcome.note)}</em>" if outcome.note else ""
    return (
        f'<strong class="{state}">{spec.name}</strong> '
        f'<span class="badge">{spec.severity}</span> <span class="badge">{spec.category}</span>'
        f"<br>{_text(spec.reason)}{note}<br><code>{_text(spec.rule.replace('`', ''))}</code>"
    )


def _text(text: str) -> str:
    # The library's templates do not escape, and read a dollar sign as a parameter.
    return html.escape(text).replace("$", "&#36;")


def _counts(outcome: CheckOutcome) -> dict[str, Any]:
    if outcome.spec.kind == "rows":
        return {"observed_value": outcome.n_rows}
    percent = 100 * outcome.share_unexpected
    return {
        "element_count": outcome.n_rows,
        "unexpected_count": outcome.n_unexpected,
        "unexpected_percent": percent,
        "unexpected_percent_total": percent,
        "unexpected_percent_nonmissing": percent,
        "missing_count": 0,
        "missing_percent": 0.0,
        "partial_unexpected_list": [],
    }


def _write_index(by_table: dict[str, tuple[CheckOutcome, ...]], site: Path) -> None:
    from expectations.data_docs_view import index_page
    from expectations.translation import great_expectations

    tables: list[dict[str, Any]] = []
    for table, outcomes in by_table.items():
        path = table.replace(".", "/")
        pages = sorted((site / "validations" / path).rglob("*.html"))
        suite = site / "expectations" / f"{path}.html"
        if len(pages) != 1 or not suite.is_file():
            raise ExpectationsError(f"Great Expectations could not render the page of {table}.")
        states = Counter(outcome.status for outcome in outcomes)
        worst = next(s for s in ("failed", "warned", "passed") if states[s])
        links = {
            "results": pages[0].relative_to(site).as_posix(),
            "suite": suite.relative_to(site).as_posix(),
        }
        tables.append({"name": table, "status": worst, **_totals(states), **links})
    unmet = [o for outcomes in by_table.values() for o in outcomes if not o.passed]
    everything = Counter(o.status for outcomes in by_table.values() for o in outcomes)
    page = index_page(
        tables=tables,
        unmet=sorted(unmet, key=lambda o: o.spec.severity),
        totals=_totals(everything),
        version=great_expectations().__version__,
    )
    site.mkdir(parents=True, exist_ok=True)
    (site / "index.html").write_text(page, encoding="utf-8")


def _totals(states: Counter[str]) -> dict[str, int]:
    return {state: states[state] for state in ("passed", "warned", "failed")}
