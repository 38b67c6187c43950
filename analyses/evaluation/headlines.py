"""The few numbers of a study shown beside its run: aggregates only.

Belongs here: reading them from the result tables. Does not belong here: computing anything new.
"""

from __future__ import annotations

import pandas as pd

from analyses.cohort import OVERALL

Headlines = dict[str, float | int | str | None]


def headlines(tables: dict[str, pd.DataFrame]) -> Headlines:
    """`patients`, then per endpoint without competing events its events, unadjusted medians (days)
    and log-rank p-value, and the number of diagnostics that warn or fail."""
    remaining = tables["attrition"]["n_remaining"]
    found: Headlines = {"patients": int(remaining.iloc[-1]) if len(remaining) else 0}
    summary = tables["survival_summary"]
    medians = summary[(summary["statistic"] == "median") & (summary["adjustment"] == "none")]
    for endpoint, rows in medians.groupby("endpoint", sort=False):
        found[f"{endpoint}_events"] = int(rows["n_event"].sum())
        for row in rows.itertuples():
            suffix = "" if row.stratum == OVERALL else f"_{row.stratum}"
            value = None if pd.isna(row.value) else float(row.value)
            found[f"{endpoint}_median_days{suffix}"] = value
    tests = tables["comparison_test"]
    for row in tests[tests["test"] == "log_rank"].itertuples():
        found[f"{row.endpoint}_{row.test}_p_value"] = float(row.p_value)
    statuses = tables["diagnostic"]["status"]
    found["diagnostics_warn"] = int((statuses == "warn").sum())
    found["diagnostics_fail"] = int((statuses == "fail").sum())
    return found
