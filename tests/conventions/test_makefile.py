"""The verbs: listed by ``make help``, and a clear word when Python cannot make environments."""

import re
import subprocess
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[2]


def _make(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["make", "--no-print-directory", *arguments],
        cwd=CHECKOUT,
        capture_output=True,
        text=True,
        check=False,
    )


def test_help_lists_every_verb() -> None:
    declared = set(re.findall(r"^\.PHONY: (\S+)", (CHECKOUT / "Makefile").read_text(), re.M))
    listed = {line.split()[0] for line in _make("help").stdout.splitlines()}
    assert declared == listed
    assert {"run", "test", "test-browser", "check", "serve"} <= listed


def test_a_python_without_ensurepip_gives_the_remedy(tmp_path: Path) -> None:
    python = tmp_path / "python"
    python.write_text(
        '#!/bin/sh\ncase "$*" in *ensurepip*) exit 1;; *version_info*) echo 3.12;; esac\n'
    )
    python.chmod(0o755)
    done = _make("environment", f"PYTHON={python}", f"VENV={tmp_path / 'venv'}")
    assert done.returncode != 0
    assert "apt-get install python3.12-venv" in done.stderr
    assert not (tmp_path / "venv").exists()
