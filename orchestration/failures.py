"""What a person is told when something fails: one sentence, and never a value of a patient.

Errors of this project are written for that and pass as they are. Anything else, such as a
database's conversion error, may quote a cell: only its kind and the place in the code are kept,
before Dagster stores it.
"""

from __future__ import annotations

import errno
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from orchestration.settings import CHECKOUT

OWN_PACKAGES = ("analyses", "expectations", "ingestion", "orchestration", "simulation")
FULL_DISK_WORDS = (
    "No space left",
    "File too large",
    "database or disk is full",
    "disk I/O error",
)
DISK_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


class StepError(Exception):
    """A step failed, for a reason said in words of this project: no value is in them."""


@contextmanager
def sanitised(stage: str) -> Iterator[None]:
    """Let only sentences without data leave a step."""
    try:
        yield
    except Exception as error:
        if is_own(error) or type(error).__module__.startswith("dagster"):
            raise
        raise StepError(explain(error, stage)) from None


def is_own(error: BaseException) -> bool:
    return type(error).__module__.split(".")[0] in OWN_PACKAGES


def explain(error: BaseException, stage: str = "") -> str:
    """One sentence: what, where, and what to do."""
    if is_own(error):
        return str(error)
    if is_disk_full(error):
        return (
            "The disk is full (or a file grew past its limit): the run stopped, the current "
            "release and all deliveries are unchanged. Free some space, then run again."
        )
    if isinstance(error, OSError) and error.filename:
        return f"{error.filename}: {error.strerror}."
    where = f" while {stage}" if stage else ""
    return (
        f"Unexpected {type(error).__name__}{where}, at {_place(error)}. Its text may quote data "
        "and is not shown; run with --traceback to see it."
    )


def is_disk_full(error: BaseException) -> bool:
    if isinstance(error, OSError):
        return error.errno in DISK_FULL
    return tells_of_full_disk(str(error))


def tells_of_full_disk(text: str) -> bool:
    """Whether a library's or another process's words are those of a full disk."""
    return any(words in text for words in FULL_DISK_WORDS)


def _place(error: BaseException) -> str:
    """The innermost line of this project on the way to the error."""
    place = "an unknown place"
    for frame in traceback.extract_tb(error.__traceback__):
        path = Path(frame.filename)
        if path.is_relative_to(CHECKOUT) and ".venv" not in path.parts:
            place = f"{path.relative_to(CHECKOUT)}:{frame.lineno}"
    return place
