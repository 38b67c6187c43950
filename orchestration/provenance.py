"""The provenance of a release: what it was made from, and by what, as its manifest says it."""

from __future__ import annotations

import platform
import subprocess
from collections import Counter
from datetime import datetime
from importlib import metadata
from typing import TYPE_CHECKING, Any

from orchestration import public_record
from orchestration.ledger import CheckRow, Ledger
from orchestration.settings import CHECKOUT

if TYPE_CHECKING:
    from analyses.disclosure import SuppressionPolicy
    from orchestration.study_files import StudyFile

PACKAGES = (
    "atmp-rwe",
    "dagster",
    "dagster-dbt",
    "dbt-core",
    "dbt-duckdb",
    "duckdb",
    "great-expectations",
    "lifelines",
    "numpy",
    "pandas",
)


def compose(
    release_id: str,
    created: datetime,
    ledger: Ledger,
    studies: tuple[StudyFile, ...],
    policy: SuppressionPolicy | None,
) -> dict[str, Any]:
    """Everything needed to say how a number came about, and to make it again.

    A public release has the same keys; what its policy withholds is null or empty.
    """
    inputs = ledger.read("inputs")
    rows = shown_checks(ledger, policy)
    shown = list if policy is None else public_record.deliveries
    checks = Counter(row.status for row in rows)
    return {
        "release_id": release_id,
        "profile": "internal" if policy is None else "public",
        "synthetic": inputs["synthetic"],
        "created_at": created.isoformat(timespec="seconds"),
        "run_id": ledger.folder.name,
        "fingerprint": inputs["fingerprint"],
        "git_revision": git_revision(),
        "python": platform.python_version(),
        "packages": {name: metadata.version(name) for name in PACKAGES},
        "as_of": inputs["as_of"],
        "like": inputs["like"],
        "deliveries": shown(inputs["deliveries"]),
        "rejected": shown(inputs["rejected"]),
        "misplaced": inputs.get("misplaced", [])
        if policy is None
        else public_record.misplaced(inputs.get("misplaced", [])),
        "studies": [
            {
                "id": file.study.id,
                "title": file.study.title,
                "file": file.path.name,
                "sha256": file.sha256,
                "reference_files": [reference.described() for reference in file.references],
            }
            for file in studies
        ],
        "left_out": inputs["left_out"],
        "differs": inputs["differs"],
        "checks": {status: checks[status] for status in ("passed", "warned", "failed")},
        "failed_checks": [f"{r.table}: {r.check}" for r in rows if r.status == "failed"],
        "suppression": {"policy": "none: exact results"}
        if policy is None
        else public_record.stated(policy),
    }


def shown_checks(ledger: Ledger, policy: SuppressionPolicy | None) -> list[CheckRow]:
    """The outcomes of a run's checks as a release of this policy may show them."""
    rows = ledger.read_checks()
    return rows if policy is None else public_record.checks(rows, policy)


def git_revision() -> str | None:
    """Commit of the checkout, marked when files differ from it; None outside a clone."""
    revision = _git("rev-parse", "HEAD")
    if revision is None:
        return None
    return f"{revision}-modified" if _git("status", "--porcelain") else revision


def _git(*arguments: str) -> str | None:
    try:
        done = subprocess.run(
            ["git", *arguments],  # noqa: S607
            cwd=CHECKOUT,
            capture_output=True,
            text=True,
            check=False,
        )
    except OSError:
        return None
    return done.stdout.strip() if done.returncode == 0 else None
