"""Events kept over open connections are the events that Dagster's own storage keeps."""

from __future__ import annotations

import threading
from pathlib import Path

import dagster as dg
from dagster._core.storage.event_log import SqliteEventLogStorage

from orchestration import event_log
from orchestration.event_log import KeptConnections
from orchestration.execution import write_dagster_yaml
from orchestration.settings import Settings


@dg.asset(check_specs=[dg.AssetCheckSpec("whole", asset="patients")])
def patients():  # type: ignore[no-untyped-def]  # an annotation would promise one output
    return dg.MaterializeResult(
        metadata={"rows": 3},
        check_results=[dg.AssetCheckResult(check_name="whole", passed=True)],
    )


def settings(tmp_path: Path) -> Settings:
    home = tmp_path / 'a "home": of ours'
    found = Settings(home, home / "landing", tmp_path / "key")
    write_dagster_yaml(found)
    return found


def run(instance: dg.DagsterInstance) -> str:
    return dg.materialize([patients], instance=instance).run_id


def stored(storage: SqliteEventLogStorage, run_id: str) -> list[tuple[str, str]]:
    records = storage.get_records_for_run(run_id).records
    return [(r.event_log_entry.message, r.event_log_entry.to_json()) for r in records]


def test_a_home_keeps_its_connections(tmp_path: Path) -> None:
    home = settings(tmp_path).dagster_home
    with dg.DagsterInstance.from_config(str(home)) as instance:
        assert isinstance(instance.event_log_storage, KeptConnections)
        run(instance)
    assert list((home / "history" / "runs").glob("index.db"))


def test_dagster_reads_what_was_written_and_writes_what_is_read(tmp_path: Path) -> None:
    home = settings(tmp_path).dagster_home
    with dg.DagsterInstance.from_config(str(home)) as instance:
        ours = instance.event_log_storage
        assert isinstance(ours, KeptConnections)
        run_id = run(instance)
        theirs = SqliteEventLogStorage(str(home / "history" / "runs"))
        events = stored(ours, run_id)
        assert events == stored(theirs, run_id)
        assert any("rows" in entry for _, entry in events)
        (dg_key,) = ours.all_asset_keys()
        assert dg_key == dg.AssetKey("patients")
    (home / "dagster.yaml").write_text("telemetry:\n  enabled: false\n")
    with dg.DagsterInstance.from_config(str(home)) as plain:
        later = run(plain)
        assert stored(ours, later) == stored(theirs, later)
    ours.dispose()


def test_databases_beyond_those_kept_are_opened_again(tmp_path: Path) -> None:
    home = settings(tmp_path).dagster_home
    with dg.DagsterInstance.from_config(str(home)) as instance:
        ours = instance.event_log_storage
        assert isinstance(ours, KeptConnections)
        runs = [run(instance) for _ in range(event_log.KEPT + 1)]
        assert len(ours._engines) == event_log.KEPT
        assert all(stored(ours, run_id) for run_id in runs)
        ours.wipe()
        assert not stored(ours, runs[0])


def test_threads_take_turns(tmp_path: Path) -> None:
    home = settings(tmp_path).dagster_home
    with dg.DagsterInstance.from_config(str(home)) as instance:
        run_id = run(instance)
        before = stored(instance.event_log_storage, run_id)  # type: ignore[arg-type]
        found: list[bool] = []

        def read() -> None:
            found.append(stored(instance.event_log_storage, run_id) == before)  # type: ignore[arg-type]

        readers = [threading.Thread(target=read) for _ in range(8)]
        for reader in readers:
            reader.start()
        for reader in readers:
            reader.join()
    assert found == [True] * 8
