"""The audit trail of a home: what was done to persons and keys, when, and by which account."""

from __future__ import annotations

import getpass
import json
from datetime import datetime

from orchestration.ledger import write_atomically
from orchestration.settings import Settings


def add(settings: Settings, at: datetime, action: str, **told: object) -> None:
    """Add a line to `audit.jsonl`. `told`: counts, modes, digests; never a pseudonym."""
    entry = {"at": at.isoformat(timespec="seconds"), "by": _user(), "action": action, **told}
    path = settings.home / "audit.jsonl"
    before = path.read_text(encoding="utf-8") if path.exists() else ""
    write_atomically(path, before + json.dumps(entry) + "\n")


def tells(settings: Settings, action: str) -> bool:
    """Whether an action was ever taken on a home."""
    path = settings.home / "audit.jsonl"
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    return any(f'"action": "{action}"' in line for line in lines)


def _user() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):  # a container may run as a number without a name
        return "unknown"
