"""The folder an export is written to: complete or not there.

Belongs here: refusing a folder that holds something, and the rename at the end. Does not belong
here: what is in the files.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from analyses.interoperability.errors import ExportError


@contextmanager
def complete(target: Path) -> Iterator[Path]:
    """A folder that becomes `target` when all went well, and vanishes when not.

    ExportError when `target` is a file or a folder that holds something.
    """
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise ExportError(f"{target} is there already: name a folder that is not, or empty it.")
    partial = target.with_name(f".{target.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    try:
        yield partial
        if target.exists():
            target.rmdir()
        partial.rename(target)
    except BaseException:
        shutil.rmtree(partial, ignore_errors=True)
        raise
