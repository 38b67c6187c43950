"""Sources that deliver and that no model reads: their rows are loaded and reach no result.

Belongs here: finding and telling them. Does not: how a source gets its models (CONTRIBUTING).
"""

from __future__ import annotations

from typing import Final

from orchestration.ledger import CheckRow
from orchestration.settings import CHECKOUT
from orchestration.sources import Sources

CHECK: Final = "read_by_a_model"
STAGING: Final = CHECKOUT / "dbt_project" / "models" / "staging"
COMMON_EXTRACT: Final = "common_extract"


def unread(sources: Sources) -> tuple[str, ...]:
    """Sources with deliveries, not in the common extract format, without staging models."""
    return tuple(
        source
        for source in sources.active
        if sources.contracts[source].format != COMMON_EXTRACT
        and not any((STAGING / source).glob("*.sql"))
    )


def sentence(source: str) -> str:
    """What is wrong, and what to do."""
    return (
        f"no model reads {source}, so its rows are loaded and reach no result: add "
        f"dbt_project/models/staging/{source} (CONTRIBUTING, Add a source), or deliver the common "
        "extract format"
    )


def check_rows(sources: Sources) -> list[CheckRow]:
    """A warned check per source, as the manifest and the report show it."""
    return [
        CheckRow(
            layer="landing",
            table=source,
            check=CHECK,
            severity="WARN",
            status="warned",
            n_rows=None,
            n_unexpected=None,
            share_unexpected=None,
            reason=f"{sentence(source)[:1].upper()}{sentence(source)[1:]}.",
        )
        for source in unread(sources)
    ]
