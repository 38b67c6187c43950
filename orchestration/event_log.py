"""Dagster's event log in SQLite, with connections that stay open between two events.

Dagster's own storage opens a database for each event and closes it again: some nine thousand times
in a run, each with a checkpoint of the write-ahead log and a wait for the disk, a quarter of the
time of a run of a small registry. Here one connection a database is kept. A write-ahead log
under ``synchronous = NORMAL`` is never corrupt after a crash; the last events before a loss of
power may be missing, as they would be from any log.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from dagster._core.storage.event_log import SqliteEventLogStorage
from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.pool import StaticPool

#: Databases kept open: that of all runs, the current run's, and a few that a page reads.
KEPT = 6
#: How long a writer waits for another process, in seconds (Dagster's own value).
BUSY_SECONDS = 30


class KeptConnections(SqliteEventLogStorage):
    """``SqliteEventLogStorage`` whose ``_connect`` opens each database once a process."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self._engines: OrderedDict[str, Engine] = OrderedDict()
        super().__init__(*args, **kwargs)

    @classmethod
    def from_config_value(cls, inst_data: Any, config_value: Any) -> KeptConnections:
        return cls(inst_data=inst_data, **config_value)

    @contextmanager
    def _connect(self, shard: str) -> Iterator[Connection]:
        # The lock, Dagster's, is held while a connection is in use: no two threads share one.
        with self._db_lock:
            engine = self._engine(shard)
            if shard not in self._initialized_dbs:
                self._initdb(engine)
                self._initialized_dbs.add(shard)
            with engine.begin() as connection:
                yield connection

    def _engine(self, shard: str) -> Engine:
        engine = self._engines.pop(shard, None) or _open(self.conn_string_for_shard(shard))
        self._engines[shard] = engine
        while len(self._engines) > KEPT:
            self._engines.popitem(last=False)[1].dispose()
        return engine

    def _close(self) -> None:
        with self._db_lock:
            while self._engines:
                self._engines.popitem()[1].dispose()

    def wipe(self) -> None:
        self._close()
        super().wipe()

    def dispose(self) -> None:
        self._close()
        super().dispose()


def _open(address: str) -> Engine:
    engine = create_engine(
        address,
        poolclass=StaticPool,
        connect_args={"timeout": BUSY_SECONDS, "check_same_thread": False},
    )

    @event.listens_for(engine, "connect")
    def wait_less(connection: Any, _record: object) -> None:
        connection.execute("PRAGMA synchronous = NORMAL")

    return engine
