"""One line per asset while a run goes on, for the person watching the terminal."""

from __future__ import annotations

import logging
import sys
import time
from typing import Any

import dagster as dg


class _ProgressHandler(logging.Handler):
    """Prints materialisations and failed checks; everything else is in Dagster's event log."""

    def __init__(self) -> None:
        super().__init__()
        self._started = time.monotonic()

    def emit(self, record: logging.LogRecord) -> None:
        meta: dict[str, Any] = getattr(record, "dagster_meta", {}) or {}
        event = meta.get("dagster_event")
        if event is None:
            return
        line = _line(event)
        if line:
            elapsed = time.monotonic() - self._started
            print(f"  {elapsed:5.1f} s  {line}", file=sys.__stdout__, flush=True)


def _line(event: dg.DagsterEvent) -> str | None:
    if event.is_step_materialization:
        materialization = event.step_materialization_data.materialization
        rows = materialization.metadata.get("dagster/row_count")
        if materialization.asset_key.path[0] == "evaluations" and rows and rows.value == 0:
            return None  # what a study does not ask for
        count = f"  {rows.value:>10,} rows" if rows is not None and rows.value is not None else ""
        return f"{'/'.join(materialization.asset_key.path):<58}{count}"
    if event.event_type_value == "ASSET_CHECK_EVALUATION":
        check = event.asset_check_evaluation_data
        if check.passed:
            return None
        where = "/".join(check.asset_key.path)
        return f"{check.severity.value:<5} {where}: {check.check_name}"
    return None


def _logger(_init: dg.InitLoggerContext) -> logging.Logger:
    logger = logging.Logger("atmp_rwe.progress", logging.DEBUG)
    logger.addHandler(_ProgressHandler())
    return logger


progress_logger = dg.LoggerDefinition(_logger, description="One line per asset on standard output.")
