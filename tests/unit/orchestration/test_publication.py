"""What a killed run leaves of a release goes with the next one; releases stay."""

from __future__ import annotations

from pathlib import Path

from orchestration.publication import discard_unfinished


def test_unfinished_releases_go_and_finished_ones_stay(tmp_path: Path) -> None:
    left = tmp_path / ".20260101T000000Z-aaaaaaaa.partial"
    kept = tmp_path / "20260101T000000Z-bbbbbbbb"
    for folder in (left, kept):
        folder.mkdir()
        (folder / "atmp_rwe.duckdb").write_bytes(b"rows of patients")
    (tmp_path / "current").symlink_to(kept.name)
    discard_unfinished(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == [kept.name, "current"]
    assert (kept / "atmp_rwe.duckdb").exists()
