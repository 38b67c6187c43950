"""Zip archives in a delivery: their members as if they lay in the folder, named
`archive.zip/member`.

An archive is judged before anything is read out of it, and nothing is ever unpacked to disk.
"""

from __future__ import annotations

import stat
import zipfile
from pathlib import Path, PurePosixPath
from typing import BinaryIO, cast

from ingestion.errors import UnreadableFileError

# A whole archive may expand by this much; tables shrink by less than a hundredfold.
MAX_RATIO = 500
MAX_FREE = 1 << 28
_MAX_MEMBERS = 1_000
_NESTED = {".zip", ".gz", ".tgz", ".tar", ".bz2", ".xz", ".7z", ".rar"}
_METHODS = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA}

# Bits of a member's flags (APPNOTE 4.4.4): encrypted, and strongly so; a patch of other data.
_LOCKED = 0x1 | 0x40
_PATCHED = 0x20


def is_archive(name: str) -> bool:
    """Whether a file of this name is taken for a zip archive."""
    return name.lower().endswith(".zip")


def archive_of(path: Path) -> tuple[Path, str] | None:
    """The archive and the member that a path such as `folder/archive.zip/member` names."""
    for parent in path.parents:
        if is_archive(parent.name) and parent.is_file():
            return parent, path.relative_to(parent).as_posix()
    return None


def members(path: Path) -> list[zipfile.ZipInfo]:
    """The data files in an archive, by name; hidden ones and folders are left out.

    UnreadableFileError, without the archive's name: not a whole zip archive, or one that must not
    be opened, and why.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            items = [item for item in archive.infolist() if not item.is_dir()]
    except (zipfile.BadZipFile, NotImplementedError, ValueError, EOFError) as error:
        raise UnreadableFileError(
            "not a whole zip archive; it may have been copied in part: deliver it again"
        ) from error
    names = [item.filename for item in items]
    if len(items) > _MAX_MEMBERS or len(set(names)) < len(names):
        raise UnreadableFileError(
            f"an archive of more than {_MAX_MEMBERS} files, or of two of one name; deliver the "
            "files themselves"
        )
    limit = max(path.stat().st_size * MAX_RATIO, MAX_FREE)
    if sum(item.file_size for item in items) > limit:
        raise UnreadableFileError(
            f"an archive that expands to more than {MAX_RATIO} times its size; deliver the files "
            "themselves if that is right"
        )
    for item in items:
        _refuse(item)
    return sorted((item for item in items if _is_data(item.filename)), key=lambda i: i.filename)


def open_member(archive: Path, name: str) -> BinaryIO:
    """A member as a stream of its content; closing it closes the archive."""
    with zipfile.ZipFile(archive) as opened:
        # The stream keeps the file open for itself.
        return cast(BinaryIO, opened.open(name))


def _refuse(item: zipfile.ZipInfo) -> None:
    name = item.filename
    parts = PurePosixPath(name).parts
    # zipfile cuts a name at a NUL byte: what it was called is in orig_filename.
    if ".." in parts or name.startswith("/") or set("\\:\0") & set(name + item.orig_filename):
        why = "an archive with a file that leads out of it; deliver the files themselves"
    elif PurePosixPath(name).suffix.lower() in _NESTED:
        why = "an archive within an archive; deliver the files themselves"
    elif stat.S_ISLNK(item.external_attr >> 16):
        why = "an archive with a link in it; deliver the file itself"
    elif item.flag_bits & _LOCKED:
        why = "an archive locked by a password; deliver it without"
    elif item.compress_type not in _METHODS or item.flag_bits & _PATCHED:
        why = "an archive compressed in an unusual way; deliver the files themselves"
    else:
        return
    raise UnreadableFileError(why)


def _is_data(name: str) -> bool:
    return not any(part.startswith((".", "_")) for part in PurePosixPath(name).parts)
