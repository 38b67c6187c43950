"""Jobs: named selections of assets, with what they are for."""

from __future__ import annotations

import dagster as dg

#: Steps share one process: starting one costs seconds, a step of this job less.
evaluate_everything = dg.define_asset_job(
    "evaluate_everything",
    selection=dg.AssetSelection.all(),
    description="Deliveries in, release out: load, check, harmonise, evaluate, publish.",
    executor_def=dg.in_process_executor,
)
