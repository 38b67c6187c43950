"""What a command writes is its owner's alone, or as the environment says."""

from __future__ import annotations

import argparse
import os
import stat
from pathlib import Path

import pytest

from orchestration import cli
from orchestration.commands import status
from orchestration.settings import Settings, SettingsError, umask_of


@pytest.mark.parametrize(
    ("told", "folder_mode", "file_mode"),
    [(None, 0o700, 0o600), ("", 0o700, 0o600), ("027", 0o750, 0o640), ("0022", 0o755, 0o644)],
)
def test_a_command_writes_under_its_umask(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    told: str | None,
    folder_mode: int,
    file_mode: int,
) -> None:
    def write(settings: Settings, options: argparse.Namespace) -> int:
        (settings.home / "raw").mkdir()
        (settings.home / "raw" / "patients.parquet").write_text("")
        return 0

    monkeypatch.setattr(status, "run", write)
    monkeypatch.delenv("ATMP_RWE_UMASK", raising=False)
    if told is not None:
        monkeypatch.setenv("ATMP_RWE_UMASK", told)
    before = os.umask(0o022)
    try:
        assert cli.main(["--home", str(tmp_path), "status"]) == 0
        assert os.umask(0o022) == 0o022
    finally:
        os.umask(before)
    modes = [stat.S_IMODE(path.stat().st_mode) for path in sorted(tmp_path.rglob("*"))]
    assert modes == [folder_mode, file_mode]


@pytest.mark.parametrize("told", ["rw", "0o27", "099", "777", "-1", "0277"])
def test_what_is_no_umask_is_refused(told: str) -> None:
    with pytest.raises(SettingsError, match="octal"):
        umask_of({"ATMP_RWE_UMASK": told})
