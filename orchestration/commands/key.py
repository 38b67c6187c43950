"""``atmp-rwe key``: the pseudonym key of a home, known by its fingerprint, and its rotation."""

from __future__ import annotations

import argparse
from datetime import UTC, datetime

from orchestration import audit, lock
from orchestration.settings import Settings


class NoHomeError(Exception):
    """There is no data directory."""


def run(settings: Settings, options: argparse.Namespace) -> int:
    if not settings.home.is_dir():
        raise NoHomeError(f"{settings.home}: there is no such data directory.")
    if options.action == "status":
        print(_status(settings))
        return 0
    lock.hold(settings.home)
    try:
        print(_rotate(settings))
    finally:
        lock.release(settings.home)
    return 0


def _status(settings: Settings) -> str:
    import ingestion

    key = ingestion.key_of_home(settings.home, settings.key_file, create=False)
    home = (
        "has pseudonyms of before its last rotation: run `atmp-rwe key rotate`"
        if ingestion.lags_behind(settings.home, key)
        else "has no others"
    )
    lies = ingestion.key_lies_in_home(settings.home, settings.key_file)
    return (
        f"{key.path}: fingerprint {key.fingerprint}, rotated {len(key.later)} times. "
        f"{settings.home} {home}." + (" Move it out of the home." if lies else "")
    )


def _rotate(settings: Settings) -> str:
    """Add a secret, unless an earlier rotation is to be completed first; carry the home over."""
    import ingestion
    from orchestration import erasure
    from orchestration.rotations import ACTION
    from orchestration.sources import Sources

    contracts = Sources.of(settings).contracts
    key = ingestion.key_of_home(settings.home, settings.key_file, create=False)
    if not ingestion.lags_behind(settings.home, key):
        key = ingestion.add_secret(key)
    done = ingestion.carry_over(settings.home, contracts, key)
    builds = erasure.remove_builds(settings)
    audit.add(
        settings,
        datetime.now(UTC),
        ACTION,
        fingerprint=key.fingerprint,
        deliveries=done.deliveries,
        files=done.files,
        excluded=done.excluded,
        builds=builds,
    )
    return (
        f"Rotated: the key's fingerprint is {key.fingerprint}; {done.files} files of "
        f"{done.deliveries} deliveries and {done.excluded} persons of the deny list have new "
        "pseudonyms. Back up the key file. Run `atmp-rwe run` for a release with the new "
        "pseudonyms; earlier releases keep the old ones until they are deleted."
    )
