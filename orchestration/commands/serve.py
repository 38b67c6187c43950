"""``atmp-rwe serve``: the Dagster UI with this home loaded, on loopback."""

from __future__ import annotations

import argparse
import os
import signal
import subprocess
import sys
from importlib.util import find_spec

from orchestration.execution import write_dagster_yaml
from orchestration.resources import prepare_environment
from orchestration.settings import Settings

LOOPBACK = "127.0.0.1"
PATIENCE_SECONDS = 10


class MissingUiError(Exception):
    """The Dagster UI is not installed."""


def run(settings: Settings, options: argparse.Namespace) -> int:
    if find_spec("dagster_webserver") is None:
        raise MissingUiError("The Dagster UI is not installed: pip install 'atmp-rwe[ui]'.")
    write_dagster_yaml(settings)
    prepare_environment(settings)
    os.environ["ATMP_RWE_HOME"] = str(settings.home)
    os.environ["ATMP_RWE_LANDING"] = str(settings.landing)
    command = [sys.executable, "-m", "dagster", "dev", "-m", "orchestration.definitions"]
    print(f"Dagster on http://{LOOPBACK}:{options.port} for {settings.home}; Ctrl-C ends it.")
    # Its own process group: dagster starts children that outlive it when only it is ended.
    server = subprocess.Popen(
        [*command, "--host", LOOPBACK, "--port", str(options.port)],
        start_new_session=True,
        preexec_fn=_hear_interrupts,
    )
    try:
        return server.wait()
    except KeyboardInterrupt:
        _end(server)
        return 0


def _hear_interrupts() -> None:
    """A shell starts background jobs deaf to interrupts, and children inherit that."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def _end(server: subprocess.Popen[bytes]) -> None:
    """Ask the whole group to end, more firmly each time."""
    for word in (signal.SIGINT, signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(server.pid, word)
            server.wait(timeout=PATIENCE_SECONDS)
        except subprocess.TimeoutExpired:
            continue
        except ProcessLookupError:
            return
