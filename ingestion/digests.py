"""SHA-256 and size of delivered files and of the members of archives, each read once."""

from __future__ import annotations

import hashlib
import lzma
import struct
import zipfile
import zlib
from functools import lru_cache
from pathlib import Path

from ingestion.archives import members, open_member
from ingestion.errors import DeliveryError, UnreadableFileError

# What the standard library raises on a damaged member, whose header may say anything.
_DAMAGED = (
    zipfile.BadZipFile,
    EOFError,
    zlib.error,
    lzma.LZMAError,
    struct.error,
    NotImplementedError,
    RuntimeError,
    ValueError,
)
_Mark = tuple[int, int, int, int]  # what changes when a file does


def archive_members(archive: Path) -> list[tuple[str, str, int]]:
    """Name, SHA-256 and size of each file in a zip archive."""
    try:
        mark = _mark(archive)
        return [
            (f"{archive.name}/{item.filename}", *_member_digest(archive, item.filename, mark))
            for item in members(archive)
        ]
    except (*_DAMAGED, OSError) as error:
        raise UnreadableFileError("a damaged zip archive; deliver it again") from error


@lru_cache(maxsize=10_000)
def _member_digest(archive: Path, name: str, _mark: _Mark) -> tuple[str, int]:
    digest, size = hashlib.sha256(), 0
    with open_member(archive, name) as stream:
        while block := stream.read(1 << 20):
            digest.update(block)
            size += len(block)
    return digest.hexdigest(), size


def file_digest(path: Path) -> tuple[str, int]:
    """SHA-256 and size; a run asks several times, and a large file is read once."""
    try:
        return _read_digest(path, _mark(path))
    except OSError as error:
        raise DeliveryError(
            f"{path}: cannot be read ({error.strerror}); check the rights of the file."
        ) from error


def _mark(path: Path) -> _Mark:
    stat = path.stat()
    return stat.st_size, stat.st_ino, stat.st_mtime_ns, stat.st_ctime_ns


@lru_cache(maxsize=10_000)
def _read_digest(path: Path, _mark: _Mark) -> tuple[str, int]:
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
        return digest, file.tell()
