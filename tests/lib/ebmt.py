"""The EBMT example as tests use it: its script as a module, its wheel downloaded once a session."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import numpy as np
import pandas as pd

ROOT = Path(__file__).parents[2]
GOLDEN = ROOT / "tests" / "data" / "ebmt"


def prepare_module() -> ModuleType:
    """`examples/ebmt/prepare.py`, imported from its file."""
    path = ROOT / "examples" / "ebmt" / "prepare.py"
    spec = importlib.util.spec_from_file_location("ebmt_prepare", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


SIX_STATES = ("transplanted", "recovered", "adverse_event", "both", "relapsed", "dead")


def six_states(table: pd.DataFrame) -> pd.DataFrame:
    """Stays of the patients of `ebmt4` in its six states: id, start, stop, from, to (missing where
    observation ends). A state follows from what has happened by a day: of two states on one day
    the last one counts, and after a relapse neither recovery nor an adverse event does."""
    days = np.column_stack(
        [table[name].where(table[f"{name}.s"] == 1, np.inf) for name in ("rec", "ae", "rel", "srv")]
    )
    rows = []
    for person, end, own in zip(table["id"], table["srv"], days, strict=True):
        state, since = SIX_STATES[0], 0.0
        for day in sorted({float(day) for day in own if day <= end}):
            recovered, adverse, relapsed, dead = own <= day
            now = "recovered" if recovered else "adverse_event"
            now = "both" if recovered and adverse else now
            now = "dead" if dead else "relapsed" if relapsed else now
            if now != state:
                rows.append((person, since, day, state, now))
                state, since = now, day
        if state != "dead" and since < end:
            rows.append((person, since, float(end), state, None))
    return pd.DataFrame(rows, columns=["id", "start", "stop", "from", "to"])
