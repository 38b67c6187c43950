"""Running the command line as a user does: another process, its own HOME, no network."""

from __future__ import annotations

import functools
import os
import shutil
import subprocess
import sys
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[2]


@functools.cache
def _cut_off() -> tuple[str, ...]:
    """A prefix that takes the network away, where the machine lets us."""
    prefix = ("unshare", "--map-root-user", "--net")
    if shutil.which("unshare") is None:
        return ()
    works = subprocess.run([*prefix, "true"], capture_output=True, check=False).returncode == 0
    return prefix if works else ()


def environment(home: Path) -> dict[str, str]:
    """An environment with nothing of this machine's user in it."""
    user = home.parent / f"{home.name}-user"
    user.mkdir(exist_ok=True)
    kept = {name: os.environ[name] for name in ("PATH", "LANG", "TMPDIR") if name in os.environ}
    blas = {k: v for k, v in os.environ.items() if k.startswith(("OPENBLAS", "NVPL", "OMP"))}
    return {
        **kept,
        **blas,
        "HOME": str(user),
        "ATMP_RWE_KEY_FILE": str(user / "pseudonym.key"),
        "PYTHONPATH": str(CHECKOUT),  # another checkout may be the one that is installed
    }


def atmp_rwe(
    home: Path, *arguments: str, network: bool = False, **extra: str
) -> subprocess.CompletedProcess[str]:
    """Run ``atmp-rwe --home HOME ...`` and return what it printed."""
    prefix = () if network else _cut_off()
    return subprocess.run(
        [*prefix, *command(home, *arguments)],
        env={**environment(home), **extra},
        capture_output=True,
        text=True,
        check=False,
        cwd=home.parent,
    )


def command(home: Path, *arguments: str) -> list[str]:
    return [sys.executable, "-m", "orchestration.cli", "--home", str(home), *arguments]
