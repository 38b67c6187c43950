"""One writer per home: a second one is told who has it."""

import subprocess
import sys
from pathlib import Path

import pytest

from orchestration import lock

HOLD = """
import sys, time
from pathlib import Path
from orchestration import lock
lock.hold(Path(sys.argv[1]))
print("held", flush=True)
time.sleep(60)
"""


def test_a_second_process_is_refused_and_told_who_holds(tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path)], stdout=subprocess.PIPE, text=True
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline().strip() == "held"
        with pytest.raises(lock.HomeBusyError, match=f"process {holder.pid} since .*run again"):
            lock.hold(tmp_path)
        holder.kill()
    lock.hold(tmp_path)
    lock.release(tmp_path)


def test_the_same_process_may_ask_again(tmp_path: Path) -> None:
    lock.hold(tmp_path)
    lock.hold(tmp_path)
    lock.release(tmp_path)
