"""Which deliveries a run uses, and how a manifest remembers them."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import ingestion
from orchestration.settings import Settings


class UnknownReleaseError(Exception):
    """``--like`` names a release that this home does not have."""


def choose(
    settings: Settings,
    contracts: dict[str, ingestion.Contract],
    *,
    as_of: date | None,
    like: str | None,
) -> ingestion.Selection:
    """The deliveries of a run: the latest good ones, those up to a date, or a past release's."""
    return ingestion.select(
        ingestion.read_records(settings.home),
        contracts,
        landing_deliveries=ingestion.discover(settings.landing, contracts),
        as_of=as_of,
        like=deliveries_of(settings, like) if like else None,
    )


def deliveries_of(settings: Settings, release_id: str) -> list[tuple[str, str, str]]:
    """(source, delivery date, sha8) of every delivery a past release was made from."""
    path = settings.release / release_id / "manifest.json"
    if not path.is_file():
        known = sorted(p.parent.name for p in settings.release.glob("*Z-*/manifest.json"))
        listed = ", ".join(known[-5:]) or "none yet"
        raise UnknownReleaseError(
            f"{settings.release} has no release {release_id!r}; the latest are: {listed}."
        )
    deliveries = json.loads(path.read_text())["deliveries"]
    return [(d["source"], d["delivery"], d["sha8"]) for d in deliveries]


def describe(chosen: ingestion.Selection, as_of: str, like: str) -> dict[str, Any]:
    """What the manifest says about the inputs: deliveries, their files and counts."""
    return {
        "as_of": as_of or None,
        "like": like or None,
        "deliveries": [record.to_dict() for record in chosen.records],
        "rejected": [record.to_dict() for record in chosen.rejected],
        "synthetic": any(record.synthetic for record in chosen.records),
    }
