"""Whether a delivery still changes: by when its files were last written, without waiting.

Only the standard library is used here: it is asked before anything heavy is imported.
"""

from __future__ import annotations

import time
from pathlib import Path

SETTLED_AFTER_SECONDS = 600


def is_settled(folder: Path) -> bool:
    """Whether nothing in a dated folder was written, added or renamed for ten minutes.

    By the time of change that the file system keeps: unlike that of modification, no copying
    program sets it back.
    """
    newest = max(path.lstat().st_ctime for path in (folder, *folder.iterdir()))
    return time.time() - newest >= SETTLED_AFTER_SECONDS


def settled_folders(landing: Path) -> list[str]:
    """The settled deliveries of a landing folder, as `source/date`."""
    found = landing.glob("[!._]*/[!._]*")
    return sorted(f"{p.parent.name}/{p.name}" for p in found if p.is_dir() and is_settled(p))
