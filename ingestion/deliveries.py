"""Deliveries: the dated folders of the landing inbox and the files in them. Nothing is opened as
data."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path

from ingestion.contracts import Contract
from ingestion.errors import DeliveryError

_DATE = re.compile(r"^\d{4}-\d{2}-\d{2}$")


@dataclass(frozen=True)
class Delivery:
    """One dated folder of one source.

    files: (name, sha256, bytes), sorted by name; refused: (name, why) of what must not be opened.
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

    DeliveryError: no landing folder, nothing in it, a folder without a contract, a folder that is
    no date.
    """
    if not landing.is_dir():
        raise DeliveryError(
            f"{landing}: there is no landing folder; make it and put deliveries in "
            "<source>/<YYYY-MM-DD>/, or run `atmp-rwe simulate` for synthetic ones."
        )
    deliveries = []
    for folder in _visible(landing):
        if not folder.is_dir():
            raise DeliveryError(
                f"{folder}: a file lies outside a delivery; move it to "
                f"{landing}/<source>/<YYYY-MM-DD>/."
            )
        if folder.name not in contracts:
            raise DeliveryError(_no_contract(folder, contracts))
        deliveries += [_delivery(day, contracts[folder.name]) for day in _visible(folder)]
    if not deliveries:
        raise DeliveryError(
            f"{landing}: no delivery here; put files in <source>/<YYYY-MM-DD>/, or run "
            "`atmp-rwe simulate` for synthetic ones."
        )
    return deliveries


def _no_contract(folder: Path, contracts: Mapping[str, Contract]) -> str:
    known = ", ".join(sorted(contracts)) or "none"
    return (
        f"{folder}: no contract describes source `{folder.name}` (known: {known}); write "
        f"<home>/contracts/{folder.name}.yml, for instance with `atmp-rwe contract init FILE...`."
    )


def _visible(folder: Path) -> Iterator[Path]:
    yield from sorted(p for p in folder.iterdir() if not p.name.startswith((".", "_")))


def _delivery(folder: Path, contract: Contract) -> Delivery:
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
    files, refused = [], []
    for path in _visible(folder):
        problem = _problem(path, folder)
        if problem:
            refused.append((path.name, problem))
        else:
            files.append((path.name, *_digest(path)))
    text = "\n".join([contract.fingerprint, *map(repr, files), *map(repr, refused)])
    sha8 = hashlib.sha256(text.encode()).hexdigest()[:8]
    synthetic = (folder / "_synthetic.json").exists()
    return Delivery(contract.source, day, folder, tuple(files), sha8, synthetic, tuple(refused))


def _problem(path: Path, folder: Path) -> str | None:
    """Why a file must not be opened: it leads out of the delivery, or is no file."""
    if path.is_symlink():
        target = path.resolve()
        if folder.resolve() not in target.parents:
            return "a link that leads out of the delivery folder; deliver the file itself"
    if path.is_dir():
        return "a folder inside a delivery; put its files in the delivery folder"
    if not path.is_file():
        return "not a regular file; deliver the file itself"
    return None


def _digest(path: Path) -> tuple[str, int]:
    """SHA-256 and size; a run asks several times, and a large file is read once."""
    try:
        stat = path.stat()
        return _read_digest(path, (stat.st_size, stat.st_ino, stat.st_mtime_ns, stat.st_ctime_ns))
    except OSError as error:
        raise DeliveryError(
            f"{path}: cannot be read ({error.strerror}); check the rights of the file."
        ) from error


@lru_cache(maxsize=10_000)
def _read_digest(path: Path, _mark: tuple[int, int, int, int]) -> tuple[str, int]:
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
        return digest, file.tell()
