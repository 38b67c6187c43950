"""The dbt project is parsed when it changed, and when what was parsed is not whole."""

from __future__ import annotations

from pathlib import Path

import pytest

from orchestration import dbt_manifest
from orchestration.settings import Settings

WHOLE = '{"nodes": {}}'


@pytest.fixture
def parsed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The times it was parsed; parsing writes a whole manifest."""
    times: list[str] = []

    def run_dbt(settings: Settings, *arguments: str) -> None:
        times.append(" ".join(arguments))
        (settings.dbt_target / "manifest.json").write_text(WHOLE)

    monkeypatch.setattr(dbt_manifest, "run_dbt", run_dbt)
    return times


def test_an_unchanged_project_is_parsed_once(tmp_path: Path, parsed: list[str]) -> None:
    settings = Settings(tmp_path, tmp_path, tmp_path / "key")
    for _ in range(2):
        assert dbt_manifest.ensure(settings).read_text() == WHOLE
    assert parsed == ["parse"]


@pytest.mark.parametrize("left", ["", WHOLE[:7], None])
def test_a_manifest_that_a_killed_run_left_is_made_again(
    tmp_path: Path, parsed: list[str], left: str | None
) -> None:
    settings = Settings(tmp_path, tmp_path, tmp_path / "key")
    manifest = dbt_manifest.ensure(settings)
    cache = manifest.with_name("partial_parse.msgpack")
    cache.write_bytes(b"half")
    if left is None:
        manifest.unlink()
    else:
        manifest.write_text(left)
    assert dbt_manifest.ensure(settings).read_text() == WHOLE
    assert parsed == ["parse", "parse"]
    assert not cache.exists()
