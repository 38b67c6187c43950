"""One writer per data directory: the home-wide lock.

A lock of the operating system (flock), so that a killed run leaves nothing to clean up. A process
takes it once, whichever road it came by: the command line, the Dagster UI, a schedule.
"""

from __future__ import annotations

import fcntl
import os
from datetime import UTC, datetime
from pathlib import Path

#: Open file descriptors of the locks this process holds; closed, and so released, at exit.
_held: dict[Path, int] = {}


class HomeBusyError(Exception):
    """Another process is writing this home."""


def hold(home: Path) -> None:
    """Take the home's lock for the life of this process, or say who has it."""
    home = home.resolve()
    if home in _held:
        return
    home.mkdir(parents=True, exist_ok=True)
    path = home / ".lock"
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
    except OSError as error:
        raise HomeBusyError(
            f"{path} cannot be used as the lock of this home ({error.strerror}): it must be an "
            "ordinary file that you may write; remove it if it is a link."
        ) from None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        holder = path.read_text().strip() or "another process"
        os.close(descriptor)
        raise HomeBusyError(
            f"{home} is in use: {holder}. Nothing was changed; wait for it to end, then run again."
        ) from None
    os.truncate(descriptor, 0)
    started = datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
    os.pwrite(descriptor, f"process {os.getpid()} since {started}".encode(), 0)
    _held[home] = descriptor


def release(home: Path) -> None:
    """Give the lock back before the process ends (the command line, between verbs in tests)."""
    descriptor = _held.pop(home.resolve(), None)
    if descriptor is not None:
        os.close(descriptor)
