"""The EBMT example as tests use it: its script as a module, its wheel downloaded once a session."""

from __future__ import annotations

import importlib.util
import tempfile
from functools import cache
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


@cache
def ebmt4() -> pd.DataFrame:
    """The table as it is in the wheel pip downloads."""
    prepare = prepare_module()
    with tempfile.TemporaryDirectory() as folder:
        table: pd.DataFrame = prepare.read_table(prepare.download(Path(folder)))
    return table


@cache
def cohort() -> pd.DataFrame:
    """One row a patient, days computed back from the dates of the delivery the example writes."""
    delivered = prepare_module().extract(ebmt4())
    frame = delivered["patients"].merge(delivered["treatments"], on="patient_id")
    relapse = delivered["events"].set_index("patient_id")["event_date"]
    wide = delivered["covariates"].pivot(index="patient_id", columns="name", values="value")
    frame = frame.join(wide, on="patient_id").join(relapse.rename("relapse"), on="patient_id")
    died = frame["death_date"].notna()
    first = frame["relapse"].fillna(frame["last_contact_date"])
    return frame.assign(
        overall_survival=(frame["last_contact_date"] - frame["infusion_date"]).dt.days,
        died=died.astype(int),
        first_event=(first - frame["infusion_date"]).dt.days,
        cause=np.where(frame["relapse"].notna(), 1, np.where(died, 2, 0)),
    )


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
