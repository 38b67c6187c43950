"""``atmp-rwe run``: the whole job through Dagster, with progress shown.

What can be known to fail is found first, before anything heavy is imported and before anything
is written.
"""

from __future__ import annotations

import argparse

from orchestration import fingerprint, lock, manifest
from orchestration.commands.summary import show
from orchestration.settings import Settings


def run(settings: Settings, options: argparse.Namespace) -> int:
    as_of = options.as_of.isoformat() if options.as_of else None
    mark = fingerprint.of_run(settings, as_of=as_of, like=options.like)
    released = manifest.current(settings.release)
    if released and released.get("fingerprint") == mark and manifest.is_whole(settings.release):
        print(f"Nothing changed since release {released['release_id']}: nothing to do.")
        return show(settings, released)
    lock.hold(settings.home)
    try:
        _preflight(settings, options.like)
        # Once more: the first run of a home makes what its pseudonyms depend on.
        mark = fingerprint.of_run(settings, as_of=as_of, like=options.like)
        print("Starting (the first run of a home also parses the dbt project) ...", flush=True)
        from orchestration.execution import execute

        execute(settings, {"as_of": as_of or "", "like": options.like or "", "fingerprint": mark})
    finally:
        lock.release(settings.home)
    released = manifest.current(settings.release)
    assert released is not None, "a run that succeeded has a release"
    return show(settings, released)


def _preflight(settings: Settings, like: str | None) -> None:
    """Everything a person can have got wrong, found in a second or two."""
    import ingestion
    from orchestration import selection, study_files, unread_sources
    from orchestration.sources import Sources

    sources = Sources.of(settings)
    ingestion.discover(settings.landing, sources.contracts)
    for source in unread_sources.unread(sources):
        print(f"WARN        {unread_sources.sentence(source)}.")
    if like:
        selection.deliveries_of(settings, like)
    study_files.refuse_unfit_sources(study_files.load(settings), sources)
    key = ingestion.key_of_home(settings.home, settings.key_file)
    if ingestion.key_lies_in_home(settings.home, settings.key_file):
        print(
            f"WARN        The pseudonym key {settings.key_file} lies in the home: whoever has a "
            "copy of the home can go back to identifiers. Move the file out of it and set "
            "ATMP_RWE_KEY_FILE to where it is."
        )
    if key.created:
        print(
            f"A new pseudonym key was made: {settings.key_file}. Keep a copy in a safe place: "
            "without it later deliveries cannot be matched with earlier ones."
        )
