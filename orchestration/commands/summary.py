"""What a run came to: deliveries, rows, checks, studies, and where the results are."""

from __future__ import annotations

from typing import Any

from orchestration.settings import Settings

DONE, REJECTED = 0, 3


def show(settings: Settings, released: dict[str, Any]) -> int:
    """Print the summary of a release; returns 3 when a delivery was rejected, else 0."""
    deliveries = released["deliveries"]
    files = [file for delivery in deliveries for file in delivery["files"]]
    checks = released["checks"]
    folder = settings.release / released["release_id"]
    print(f"""
Release     {released["release_id"]}{"  (synthetic data)" if released["synthetic"] else ""}
Deliveries  {len(deliveries)} read, {len(released["rejected"])} rejected
Rows        {_total(files, "read"):,} read = {_total(files, "loaded"):,} loaded \
+ {_total(files, "quarantined"):,} quarantined{_erased(files)}
Checks      {checks["passed"]} passed, {checks["warned"]} warned, {checks["failed"]} failed
Studies     {len(released["studies"])} evaluated
Report      {folder / "report" / "index.html"}
Database    {folder / "atmp_rwe.duckdb"}""")
    for failed in released.get("failed_checks", ()):
        print(f"FAILED      {failed} (a diagnostic: shown in the report before what it concerns)")
    for delivery in released["rejected"]:
        reasons = [f["message"] for f in delivery["findings"] if f["severity"] == "ERROR"]
        print(
            f"REJECTED    {delivery['source']} {delivery['delivery']}: {' '.join(reasons[:3])} "
            "The previous delivery of this source was used."
        )
    return REJECTED if released["rejected"] else DONE


def _erased(files: list[dict[str, Any]]) -> str:
    rows = _total(files, "erased")
    return f" + {rows:,} erased" if rows else ""


def _total(files: list[dict[str, Any]], count: str) -> int:
    return sum(int(file.get(count, 0)) for file in files)
