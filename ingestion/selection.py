"""Which loaded deliveries a run is built from: the latest, those up to a date, or those of a
past run."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from ingestion.contracts import Contract
from ingestion.deliveries import Delivery
from ingestion.errors import DeliveryError
from ingestion.records import DeliveryRecord


@dataclass(frozen=True)
class Selection:
    """The deliveries of a run.

    current: per source the deliveries used, oldest first (one for a snapshot source).
    rejected: deliveries newer than those, or other versions of them, that were rejected.
    missing: sources in landing of which no delivery can be used.
    """

    current: Mapping[str, tuple[DeliveryRecord, ...]]
    rejected: tuple[DeliveryRecord, ...] = ()
    missing: tuple[str, ...] = ()

    @property
    def records(self) -> tuple[DeliveryRecord, ...]:
        """All deliveries used, by source and date."""
        return tuple(r for source in sorted(self.current) for r in self.current[source])

    @property
    def keys(self) -> tuple[tuple[str, str, str], ...]:
        """(source, delivery date, sha8) of each: what a manifest keeps and `like` takes."""
        return tuple((r.source, r.delivery.isoformat(), r.sha8) for r in self.records)


def select(
    records: Iterable[DeliveryRecord],
    contracts: Mapping[str, Contract],
    *,
    landing_deliveries: Sequence[Delivery] = (),
    as_of: date | None = None,
    like: Sequence[tuple[str, str, str]] | None = None,
) -> Selection:
    """Choose the deliveries to build from.

    Of several versions of one delivery date, the one now in landing is taken, else the last
    loaded. A snapshot source is its latest delivery, an incremental one all of them. `as_of`
    leaves out deliveries dated later. `like`, (source, delivery date, sha8) of a past run, takes
    exactly those. DeliveryError: a delivery of `like` is not in the home, or a source has no
    contract.
    """
    records = list(records)
    if like is not None:
        return _like(records, contracts, like)
    landed = {(d.source, d.date, d.sha8) for d in landing_deliveries}
    by_source: dict[str, list[DeliveryRecord]] = defaultdict(list)
    for record in records:
        if as_of is None or record.delivery <= as_of:
            by_source[record.source].append(record)
    sources = sorted(set(by_source) | {d.source for d in landing_deliveries})
    current: dict[str, tuple[DeliveryRecord, ...]] = {}
    rejected: list[DeliveryRecord] = []
    missing: list[str] = []
    for source in sources:
        contract = _contract(source, contracts)
        versions = _versions(by_source[source], landed)
        if contract.delivery == "snapshot":
            versions = versions[-1:]
        if versions:
            current[source] = tuple(versions)
        else:
            missing.append(source)
        rejected += _rejected(by_source[source], versions, landed)
    return Selection(current, tuple(rejected), tuple(missing))


def _contract(source: str, contracts: Mapping[str, Contract]) -> Contract:
    if source not in contracts:
        raise DeliveryError(
            f"raw/{source}: no contract describes this source any more; put "
            f"contracts/{source}.yml back, "
            "or move its raw folder away."
        )
    return contracts[source]


def _versions(
    records: Sequence[DeliveryRecord], landed: set[tuple[str, date, str]]
) -> list[DeliveryRecord]:
    """One accepted version per delivery date, oldest date first."""
    best: dict[date, DeliveryRecord] = {}
    for record in sorted(
        (r for r in records if r.status == "accepted"),
        key=lambda r: ((r.source, r.delivery, r.sha8) in landed, r.loaded_at, r.sha8),
    ):
        best[record.delivery] = record
    return [best[day] for day in sorted(best)]


def _rejected(
    records: Sequence[DeliveryRecord],
    used: Sequence[DeliveryRecord],
    landed: set[tuple[str, date, str]],
) -> list[DeliveryRecord]:
    """Rejected deliveries still in landing that would have been used."""
    oldest = used[-1].delivery if used and len(used) == 1 else date.min
    return [
        r for r in records
        if r.status == "rejected" and r.delivery >= oldest
        and (r.source, r.delivery, r.sha8) in landed
    ]  # fmt: skip


def _like(
    records: Sequence[DeliveryRecord],
    contracts: Mapping[str, Contract],
    like: Sequence[tuple[str, str, str]],
) -> Selection:
    known = {
        (r.source, r.delivery.isoformat(), r.sha8): r for r in records if r.status == "accepted"
    }
    current: dict[str, list[DeliveryRecord]] = defaultdict(list)
    for key in sorted((source, str(day), sha8) for source, day, sha8 in like):
        if key not in known:
            raise DeliveryError(
                f"delivery {key[0]}/{key[1]} in version {key[2]} is not in this home any more; "
                "load it "
                "again with the contract of that time, or choose another release."
            )
        _contract(key[0], contracts)
        current[key[0]].append(known[key])
    return Selection({source: tuple(chosen) for source, chosen in current.items()})
