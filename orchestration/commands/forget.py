"""``atmp-rwe forget``: a person out of everything built from now on, or out of what is stored."""

from __future__ import annotations

import argparse
import contextlib
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Literal

from orchestration import audit, lock
from orchestration.settings import Settings

if TYPE_CHECKING:
    import ingestion
    from orchestration.rotations import Rotations


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
    now = datetime.now(UTC)
    done = _forget(settings, pseudonym, "exclude", now, _rotations(settings))
    rows = sum(one.rows for one in done.values())
    for person, one in done.items():
        _audit(settings, "exclude", person, now, rows=one.rows)
    return (
        f"Excluded: {rows} rows of this person{_in_several(done)} are kept and no longer shown to "
        "anything built from now on. Run `atmp-rwe run` for a release without them; earlier "
        "releases still hold them."
    )


def _erase(settings: Settings, pseudonym: str) -> str:
    from orchestration import erasure

    now = datetime.now(UTC)
    known_rotations = _rotations(settings)
    done = _forget(settings, pseudonym, "erase", now, known_rotations)
    builds = erasure.remove_builds(settings)
    erased = 0
    changed: set[str] = set()
    for person, one in done.items():
        releases = erasure.clean_releases(settings, person, one.linked, now, known_rotations)
        erased += sum(releases.values())
        changed |= releases.keys()
        _audit(settings, "erase", person, now, rows=one.rows, builds=builds, releases=releases)
    return (
        f"Erased: {sum(one.rows for one in done.values())} rows of raw and quarantine"
        f"{_in_several(done)}, {builds} build databases, {erased} rows of {len(changed)} releases. "
        "The deliveries themselves are the registry's: rows of this person in them are not loaded "
        "again. Run `atmp-rwe run` for results without this person."
    )


def _rotations(settings: Settings) -> Rotations:
    from orchestration.rotations import Rotations

    _refuse_between_keys(settings)
    return Rotations.of(settings)


def _forget(
    settings: Settings,
    pseudonym: str,
    mode: Literal["exclude", "erase"],
    at: datetime,
    known_rotations: Rotations,
) -> dict[str, ingestion.Forgotten]:
    """Take out every number of the person, those they are linked under included.

    The pseudonym may be one of before a rotation, as older releases show it.
    """
    import ingestion

    for today in known_rotations.of_today(pseudonym):
        with contextlib.suppress(ingestion.UnknownPersonError):
            return _forget_numbers(settings, today, mode, at, known_rotations)
    return _forget_numbers(settings, pseudonym, mode, at, known_rotations)


def _forget_numbers(
    settings: Settings,
    pseudonym: str,
    mode: Literal["exclude", "erase"],
    at: datetime,
    known_rotations: Rotations,
) -> dict[str, ingestion.Forgotten]:
    import ingestion
    from orchestration import linkage
    from orchestration.sources import Sources

    contracts = Sources.of(settings).contracts
    done = {}
    for person in linkage.numbers_of(settings, pseudonym, known_rotations):
        try:
            done[person] = ingestion.forget(settings.home, contracts, person, mode, at)
        except ingestion.UnknownPersonError:
            # A past release may know a number of which no row is left.
            if person == pseudonym:
                raise
    return done


def _refuse_between_keys(settings: Settings) -> None:
    """A person has two pseudonyms while a rotation is under way: neither names all their rows."""
    import ingestion

    try:
        key = ingestion.key_of_home(settings.home, settings.key_file, create=False)
        under_way = ingestion.lags_behind(settings.home, key)
    except ingestion.KeyFileError:
        return  # whoever takes a person out need not hold the key
    if under_way:
        raise ingestion.KeyFileError(
            f"{settings.home} still has pseudonyms of before the last rotation of the key: run "
            "`atmp-rwe key rotate` to complete it, then look up the person's new pseudonym. "
            "Nothing was changed."
        )


def _in_several(done: dict[str, ingestion.Forgotten]) -> str:
    return f" under {len(done)} linked pseudonyms" if len(done) > 1 else ""


def _audit(settings: Settings, mode: str, pseudonym: str, now: datetime, **counts: object) -> None:
    """The person as a digest only."""
    from ingestion.exclusions import digest

    audit.add(settings, now, "forget", mode=mode, person_sha256=digest(pseudonym), **counts)
