"""Deliveries: the dated folders of the landing inbox and the files in them. Nothing is opened as
data."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path, PurePath

from ingestion.archives import is_archive
from ingestion.contracts import Contract
from ingestion.digests import archive_members, file_digest
from ingestion.errors import DeliveryError, UnreadableFileError
from ingestion.identifying_values import shown_names
from ingestion.settling import SETTLED_AFTER_SECONDS, is_settled
from ingestion.sheets import is_workbook, sheet_names

INCOMPLETE, SUCCESS = "_INCOMPLETE", "_SUCCESS"
# What programs that copy files call them until they are whole.
_PARTIAL = (".part", ".partial", ".filepart", ".crdownload")
_DATE = re.compile(r"^\d{4}-\d{2}-\d{2}$")


@dataclass(frozen=True)
class Delivery:
    """One dated folder of one source.

    files: (name, sha256, bytes), sorted by name, a sheet that is read as a table being one of its
    own; refused: (name, why) of what must not be opened.
    sha8: short digest of the files and of the part of the contract that shapes raw; a corrected
    file, or a changed contract, is another version of the delivery.
    """

    source: str
    date: date
    path: Path
    files: tuple[tuple[str, str, int], ...]
    sha8: str
    synthetic: bool
    refused: tuple[tuple[str, str], ...] = ()

    @property
    def label(self) -> str:
        """`source/date`, as messages name a delivery."""
        return f"{self.source}/{self.date.isoformat()}"


def discover(landing: Path, contracts: Mapping[str, Contract]) -> list[Delivery]:
    """Find the deliveries under `landing/<source>/<YYYY-MM-DD>/`, sorted by source and date.

    A delivery that is still being copied (`under_way`) is left alone, and so is what is none
    (`misplaced`): the other sources go on.
    DeliveryError: no landing folder, or no delivery in it; all that is misplaced is named.
    """
    if not landing.is_dir():
        raise DeliveryError(
            f"{landing}: there is no landing folder; make it and put deliveries in "
            "<source>/<YYYY-MM-DD>/, or run `atmp-rwe simulate` for synthetic ones."
        )
    deliveries = [
        _delivery(day, contract)
        for day, contract in _dated(landing, contracts)
        if why_under_way(day, contract) is None
    ]
    if deliveries:
        return deliveries
    wrong = [one.message for one in misplaced(landing, contracts)]
    if wrong:
        raise DeliveryError(" ".join(wrong))
    if under_way(landing, contracts):
        raise DeliveryError(
            f"{landing}: every delivery here is still being copied; when they are whole, remove "
            "the marker _INCOMPLETE, or write _SUCCESS where the contract asks for it, or wait "
            "until they have settled where it asks for that."
        )
    raise DeliveryError(
        f"{landing}: no delivery here; put files in <source>/<YYYY-MM-DD>/, or run "
        "`atmp-rwe simulate` for synthetic ones."
    )


@dataclass(frozen=True)
class Misplaced:
    """What lies in the landing folder and is no delivery: of a source (empty: of none), its name as
    it may be kept, and what to do."""

    source: str
    name: str
    message: str


def misplaced(landing: Path, contracts: Mapping[str, Contract]) -> list[Misplaced]:
    """All that lies in the landing folder and is not read: folders without a contract, files
    outside a delivery, folders that no date names."""
    found = []
    for folder in _visible(landing) if landing.is_dir() else ():
        shown = folder.with_name(shown_names([_utf8(folder.name)])[_utf8(folder.name)])
        if not folder.is_dir():
            message = (
                f"{shown}: a file lies outside a delivery; move it to "
                f"{landing}/<source>/<YYYY-MM-DD>/."
            )
            found.append(Misplaced("", shown.name, message))
        elif folder.name not in contracts:
            found.append(Misplaced(shown.name, shown.name, _no_contract(shown, contracts)))
        else:
            for day in _visible(folder):
                name = shown_names([_utf8(day.name)])[_utf8(day.name)]
                try:
                    delivery_date(day.with_name(name) if name != day.name else day)
                except DeliveryError as error:
                    found.append(Misplaced(folder.name, name, str(error)))
    return found


def _dated(landing: Path, contracts: Mapping[str, Contract]) -> Iterator[tuple[Path, Contract]]:
    """The folders that deliveries lie in, whole or not, with the contract of each."""
    for folder in _visible(landing) if landing.is_dir() else ():
        for day in _visible(folder) if folder.name in contracts and folder.is_dir() else ():
            if _DATE.match(day.name) and _day(day.name) and day.is_dir():
                yield day, contracts[folder.name]


def _day(name: str) -> date | None:
    try:
        return date.fromisoformat(name)
    except ValueError:
        return None


def _no_contract(folder: Path, contracts: Mapping[str, Contract]) -> str:
    known = ", ".join(sorted(contracts)) or "none"
    return (
        f"{folder}: no contract describes source `{folder.name}` (known: {known}); write "
        f"<home>/contracts/{folder.name}.yml, for instance with `atmp-rwe contract init FILE...`."
    )


def _visible(folder: Path) -> Iterator[Path]:
    yield from sorted(p for p in folder.iterdir() if not p.name.startswith((".", "_")))


def under_way(landing: Path, contracts: Mapping[str, Contract]) -> list[tuple[str, date, str]]:
    """The deliveries that are left alone because they are still being copied: source, date, why."""
    found = []
    for day, contract in _dated(landing, contracts):
        why = why_under_way(day, contract)
        if why:
            found.append((contract.source, delivery_date(day), why))
    return found


def why_under_way(folder: Path, contract: Contract) -> str | None:
    """Why a delivery is not whole yet, None when it is. Nothing is waited for."""
    if folder.is_symlink():
        return None  # it is refused, not read
    if (folder / INCOMPLETE).exists():
        return f"it holds the marker {INCOMPLETE}"
    if contract.complete_when == "success_marker" and not (folder / SUCCESS).exists():
        return f"it has no marker {SUCCESS} yet, which its contract asks for"
    if any(path.name.lower().endswith(_PARTIAL) for path in folder.iterdir()):
        return "it holds a file that is still being copied"
    if contract.complete_when == "settled" and not is_settled(folder):
        minutes = SETTLED_AFTER_SECONDS // 60
        return f"it was written to within {minutes} minutes, and its contract asks for a rest"
    return None


def delivery_date(folder: Path) -> date:
    """The date a delivery's folder is named by. DeliveryError: it is no such folder."""
    try:
        if not _DATE.match(folder.name):
            raise ValueError
        day = date.fromisoformat(folder.name)
    except ValueError:
        raise DeliveryError(
            f"{folder}: a delivery is a folder named by its date, YYYY-MM-DD; rename it or move it."
        ) from None
    if not folder.is_dir():
        raise DeliveryError(f"{folder}: not a folder; put the files in a folder of that name.")
    return day


def version(
    contract: Contract,
    files: Iterable[tuple[str, str, int]],
    refused: Sequence[tuple[str, str]] = (),
) -> str:
    """The `sha8` of a delivery of these files under this contract."""
    # By the names that records keep, so that a version can be told from its record.
    listed = list(files)
    shown = shown_names([name for name, _, _ in listed] + [name for name, _ in refused])
    listed = [(shown[name], sha256, size) for name, sha256, size in listed]
    text = "\n".join([contract.fingerprint, *map(repr, listed), *map(repr, refused)])
    return hashlib.sha256(text.encode()).hexdigest()[:8]


def _delivery(folder: Path, contract: Contract) -> Delivery:
    files: list[tuple[str, str, int]] = []
    refused: list[tuple[str, str]] = []
    linked = "the delivery is a link to another folder; deliver the folder itself"
    for path in _visible(folder) if not folder.is_symlink() else ():
        problem = _problem(path, folder)
        if problem:
            refused.append((_utf8(path.name), problem))
        elif is_archive(path.name):
            try:
                files += archive_members(path)
            except UnreadableFileError as error:
                refused.append((path.name, str(error)))
        else:
            files.append((path.name, *file_digest(path)))
    if folder.is_symlink():
        # Another date's files under this date would be the same rows twice.
        refused.append((folder.name, linked))
    files, unopened = _with_sheets(folder, contract, files)
    refused += unopened
    sha8 = version(contract, files, refused)
    synthetic = (folder / "_synthetic.json").exists()
    return Delivery(
        contract.source,
        delivery_date(folder),
        folder,
        tuple(files),
        sha8,
        synthetic,
        tuple(refused),
    )


def _with_sheets(
    folder: Path, contract: Contract, files: list[tuple[str, str, int]]
) -> tuple[list[tuple[str, str, int]], list[tuple[str, str]]]:
    """The files with each sheet of a workbook in its place, where the contract reads sheets; each
    has the digest and the size of its workbook. And the workbooks that cannot be opened, with why.
    """
    patterns = [table for table in contract.tables.values() if table.sheet is not None]
    found, refused = [], []
    for name, digest, size in files:
        plain = PurePath(name).name
        if not is_workbook(name) or not any(table.matches(plain) for table in patterns):
            found.append((name, digest, size))
            continue
        try:
            names = _sheet_names(folder / name, plain, digest)
            found += [(f"{name}/{sheet}", digest, size) for sheet in names]
        except UnreadableFileError as error:
            refused.append((name, str(error).removeprefix(f"{plain}: ").removesuffix(".")))
    return found, refused


@lru_cache(maxsize=1_000)
def _sheet_names(path: Path, name: str, _digest: str) -> tuple[str, ...]:
    return sheet_names(path, name)


def _problem(path: Path, folder: Path) -> str | None:
    """Why a file must not be opened: it leads out of the delivery, or is no file."""
    if path.name != _utf8(path.name):
        return "a file name that is no UTF-8 text; rename it and deliver it again"
    if path.is_symlink():
        try:
            target = path.resolve(strict=True)
        except (OSError, RuntimeError):
            return "a link that leads nowhere or to itself; deliver the file itself"
        if folder.resolve() not in target.parents:
            return "a link that leads out of the delivery folder; deliver the file itself"
    if path.is_dir():
        return "a folder inside a delivery; put its files in the delivery folder"
    if not path.is_file():
        return "not a regular file; deliver the file itself"
    return None


def _utf8(name: str) -> str:
    """A file name as it can be written down; bytes that are no UTF-8 become `?`."""
    return name.encode("utf-8", "replace").decode()
