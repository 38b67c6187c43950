"""``atmp-rwe forget``: a person out of everything built from now on, or out of what is stored."""

from __future__ import annotations

import argparse
import getpass
import json
from datetime import UTC, datetime

from orchestration import lock
from orchestration.ledger import write_atomically
from orchestration.settings import Settings


class NoHomeError(Exception):
    """There is no data directory."""


def run(settings: Settings, options: argparse.Namespace) -> int:
    if not settings.home.is_dir():
        raise NoHomeError(f"{settings.home}: there is no such data directory.")
    lock.hold(settings.home)
    try:
        if options.mode == "erase":
            print(_erase(settings, options.pseudonym))
        else:
            print(_exclude(settings, options.pseudonym))
    finally:
        lock.release(settings.home)
    return 0


def _exclude(settings: Settings, pseudonym: str) -> str:
    import ingestion
    from orchestration.sources import Sources

    now = datetime.now(UTC)
    contracts = Sources.of(settings).contracts
    done = ingestion.forget(settings.home, contracts, pseudonym, "exclude", now)
    _audit(settings, "exclude", pseudonym, now, rows=done.rows)
    return (
        f"Excluded: {done.rows} rows of this person are kept and no longer shown to anything built "
        "from now on. Run `atmp-rwe run` for a release without them; earlier releases still hold "
        "them."
    )


def _erase(settings: Settings, pseudonym: str) -> str:
    import ingestion
    from orchestration import erasure
    from orchestration.sources import Sources

    now = datetime.now(UTC)
    contracts = Sources.of(settings).contracts
    done = ingestion.forget(settings.home, contracts, pseudonym, "erase", now)
    builds = erasure.remove_builds(settings)
    releases = erasure.clean_releases(settings, pseudonym, done.linked, now)
    _audit(settings, "erase", pseudonym, now, rows=done.rows, builds=builds, releases=releases)
    return (
        f"Erased: {done.rows} rows of raw and quarantine, {builds} build databases, "
        f"{sum(releases.values())} rows of {len(releases)} releases. The deliveries themselves are "
        "the registry's: rows of this person in them are not loaded again. Run `atmp-rwe run` for "
        "results without this person."
    )


def _audit(settings: Settings, mode: str, pseudonym: str, now: datetime, **counts: object) -> None:
    """Add a line to the audit trail: when, who, what; the person as a digest only."""
    from ingestion.exclusions import digest

    entry = {
        "at": now.isoformat(timespec="seconds"),
        "by": _user(),
        "action": "forget",
        "mode": mode,
        "person_sha256": digest(pseudonym),
        **counts,
    }
    path = settings.home / "audit.jsonl"
    before = path.read_text(encoding="utf-8") if path.exists() else ""
    write_atomically(path, before + json.dumps(entry) + "\n")


def _user() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):  # a container may run as a number without a name
        return "unknown"
