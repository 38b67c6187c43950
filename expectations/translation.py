"""The one place where checks meet Great Expectations: specs in, counts out.

The engine is pandas (through `duckdb_engine` most expectations fail), the context is ephemeral,
telemetry is off before the library is first imported, and a table is validated once for all its
checks. Results are asked for without examples, and read for counts only.
"""

import importlib
import logging
import os
from types import ModuleType
from typing import Any

from expectations.outcome import CheckOutcome
from expectations.sampling import Frame, frame_columns
from expectations.spec import CheckSpec

# Results that list no example of an unexpected value.
COUNTS_ONLY = {"result_format": "BASIC", "partial_unexpected_count": 0}


def great_expectations() -> ModuleType:
    """The library, imported on first use: it takes several seconds, and once per process."""
    os.environ["GX_ANALYTICS_ENABLED"] = "false"
    import great_expectations as gx

    # What the library logs about a failing metric may quote the data: it ends here.
    logger = logging.getLogger("great_expectations")
    logger.propagate = False
    logger.handlers = [logging.NullHandler()]
    return gx


def ephemeral_context() -> Any:
    """A context that lives in memory, writes nothing and draws no progress bars."""
    gx = great_expectations()
    from great_expectations.data_context.types.base import (
        DataContextConfig,
        InMemoryStoreBackendDefaults,
        ProgressBarsConfig,
    )

    config = DataContextConfig(
        store_backend_defaults=InMemoryStoreBackendDefaults(init_temp_docs_sites=False),
        progress_bars=ProgressBarsConfig(globally=False),
        analytics_enabled=False,
    )
    return gx.get_context(project_config=config, mode="ephemeral")


def expectation(spec: CheckSpec, columns: tuple[str, ...]) -> Any:
    """The expectation of a spec over the given columns of a frame (or table, for Data Docs)."""
    # Not re-exported explicitly, hence unknown to the type checker.
    gxe: Any = importlib.import_module("great_expectations.expectations")
    shared: dict[str, Any] = {
        "description": spec.reason,
        "meta": {"check": spec.name},
    }
    if spec.kind == "rows":
        return gxe.ExpectTableRowCountToBeBetween(min_value=1, **shared)
    shared["mostly"] = spec.mostly
    if len(columns) > 1:
        return gxe.ExpectCompoundColumnsToBeUnique(
            column_list=list(columns), ignore_row_if="any_value_is_missing", **shared
        )
    shared["column"] = columns[0]
    if spec.kind == "given":
        return gxe.ExpectColumnValuesToNotBeNull(**shared)
    if spec.kind == "between":
        return gxe.ExpectColumnValuesToBeBetween(
            min_value=spec.minimum, max_value=spec.maximum, **shared
        )
    if spec.kind == "form":
        return gxe.ExpectColumnValuesToMatchRegex(regex=spec.pattern, **shared)
    if spec.kind == "distinct":
        return gxe.ExpectColumnValuesToBeUnique(**shared)
    allowed: list[Any] = list(spec.values) if spec.kind == "one_of" else [1]
    return gxe.ExpectColumnValuesToBeInSet(value_set=allowed, **shared)


def run(
    context: Any, table: str, frame: Frame, checks: tuple[CheckSpec, ...]
) -> dict[str, CheckOutcome]:
    """Validate the frame once for all its checks: outcomes by check name."""
    gx = great_expectations()
    suite = gx.ExpectationSuite(name=table)
    for spec in checks:
        suite.add_expectation(expectation(spec, frame_columns(spec)))
    asset = context.data_sources.add_pandas(table).add_dataframe_asset(table)
    definition = asset.add_batch_definition_whole_dataframe(table)
    batch = definition.get_batch({"dataframe": frame})
    by_name = {spec.name: spec for spec in checks}
    outcomes: dict[str, CheckOutcome] = {}
    for result in batch.validate(suite, result_format=COUNTS_ONLY).results:
        name = result.expectation_config.meta["check"]
        outcomes[name] = _outcome(by_name[name], result)
    return outcomes


def _outcome(spec: CheckSpec, result: Any) -> CheckOutcome:
    counts: dict[str, Any] = result.result
    if "element_count" not in counts:
        # The message of the exception may quote a value: it is not passed on.
        return CheckOutcome(spec, False, 0, 0, 0.0, "could not be worked out by Great Expectations")
    missing = 0 if spec.kind == "given" else int(counts.get("missing_count") or 0)
    n_rows = int(counts["element_count"]) - missing
    n_unexpected = int(counts["unexpected_count"] or 0)
    if n_rows == 0:
        return CheckOutcome(spec, True, 0, 0, 0.0, "no row to which it applies")
    return CheckOutcome(spec, bool(result.success), n_rows, n_unexpected, n_unexpected / n_rows)
