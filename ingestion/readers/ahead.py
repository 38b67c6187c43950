"""Chunks read in a thread of their own while those before are checked and written."""

from __future__ import annotations

from collections.abc import Generator
from queue import Full, Queue
from threading import Event, Thread

from ingestion.readers.base import Chunk, Chunks

_DEPTH = 1  # chunks that wait: two cores are kept busy, and memory stays that of three chunks
_Item = Chunk | BaseException | None


def ahead(chunks: Chunks) -> Generator[Chunk, None, None]:
    """The same chunks in the same order; what the reader raises is raised here, in its place."""
    waiting: Queue[_Item] = Queue(_DEPTH)
    left = Event()
    thread = Thread(target=_read, args=(chunks, waiting, left), name="read-ahead", daemon=True)
    thread.start()
    try:
        while (item := waiting.get()) is not None:
            if isinstance(item, BaseException):
                raise item
            yield item
    finally:
        left.set()
        thread.join()


def _read(chunks: Chunks, waiting: Queue[_Item], left: Event) -> None:
    try:
        for chunk in chunks:
            _put(chunk, waiting, left)
            if left.is_set():
                break
        _put(None, waiting, left)
    except BaseException as error:
        _put(error, waiting, left)
    finally:
        chunks.close()


def _put(item: _Item, waiting: Queue[_Item], left: Event) -> None:
    """Put an item where it is waited for, unless nobody waits any more."""
    while not left.is_set():
        try:
            waiting.put(item, timeout=0.1)
            break
        except Full:
            pass
