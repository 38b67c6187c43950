"""What a run came to: deliveries, rows, checks, studies, and where the results are."""

from __future__ import annotations

from typing import Any

from orchestration.settings import Settings

DONE, REJECTED = 0, 3


def show(settings: Settings, released: dict[str, Any]) -> int:
    """Print the summary of a release; returns 3 when a delivery was rejected or
    misplaced, else 0."""
    deliveries = released["deliveries"]
    checks = released["checks"]
    folder = settings.release / released["release_id"]
    print(f"""
Release     {released["release_id"]}{"  (synthetic data)" if released["synthetic"] else ""}
Deliveries  {len(deliveries)} read, {len(released["rejected"])} rejected
Rows        {_rows(released)}
Checks      {checks["passed"]} passed, {checks["warned"]} warned, {checks["failed"]} failed
Studies     {len(released["studies"])} evaluated
Report      {folder / "report" / "index.html"}
Database    {folder / "atmp_rwe.duckdb"}""")
    rejected = tuple(f"{d['source']}/{d['delivery']}" for d in released["rejected"])
    for failed in released.get("failed_checks", ()):
        if failed.startswith(rejected):
            continue  # not a diagnostic: the line REJECTED tells it
        print(f"FAILED      {failed} (a diagnostic: shown in the report before what it concerns)")
    for sentence in released.get("differs", ()):
        print(f"DIFFERS     {sentence}.")
    if released.get("like") or released.get("as_of"):
        print(f"PAST        {_past(released)}")
    for study in released.get("left_out", ()):
        print(f"LEFT OUT    {study['id']}: {study['reason']}.")
    for delivery in released["rejected"]:
        reasons = [f["message"] for f in delivery["findings"] if f["severity"] == "ERROR"]
        why = " ".join(reasons[:3]) or "it breaks its contract (`atmp-rwe validate` says how)."
        print(
            f"REJECTED    {delivery['source']} {delivery['delivery']}: {why} "
            "The previous delivery of this source was used."
        )
    for one in released.get("misplaced", ()):
        print(f"NOT READ    {one['message']}")
    return REJECTED if released["rejected"] or released.get("misplaced") else DONE


def _past(released: dict[str, Any]) -> str:
    like, as_of = released.get("like"), released.get("as_of")
    made = f"the deliveries of release {like}" if like else f"deliveries dated up to {as_of}"
    return (
        f"This release was made of {made} and is now the current one, which `query`, `report` and "
        "`export` open; `atmp-rwe run` makes one of the latest deliveries again."
    )


def _rows(released: dict[str, Any]) -> str:
    if released["profile"] == "public":
        return "withheld: the release is public (`atmp-rwe status` tells them)"
    files = [file for delivery in released["deliveries"] for file in delivery["files"]]
    return (
        f"{_total(files, 'read'):,} read = {_total(files, 'loaded'):,} loaded "
        f"+ {_total(files, 'quarantined'):,} quarantined{_erased(files)}"
    )


def _erased(files: list[dict[str, Any]]) -> str:
    rows = _total(files, "erased")
    return f" + {rows:,} erased" if rows else ""


def _total(files: list[dict[str, Any]], count: str) -> int:
    return sum(int(file.get(count, 0)) for file in files)
