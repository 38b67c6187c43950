"""Courses through states: the study's people in one state after another.

Belongs here: stays built from the marts, and their rows of results. Does not belong here: when a
state is reached (state_days.py) and the estimators (analyses.survival).
"""

from __future__ import annotations

import duckdb
import numpy as np
import pandas as pd

from analyses import survival
from analyses.cohort import Cohort
from analyses.evaluation.findings import Findings
from analyses.evaluation.state_days import state_days
from analyses.evaluation.transitions import transition_rows
from analyses.studies import Study
from analyses.studies.states import START_STATES

_PEOPLE = """
SELECT
    k.patient_id, s.stratum, CAST(k.entry_days AS DOUBLE) AS entry,
    CAST(date_diff('day', k.start_date, k.end_of_follow_up) AS DOUBLE) AS last_day
FROM study_patient AS k
INNER JOIN study_stratum AS s ON k.patient_id = s.patient_id
ORDER BY k.patient_id
"""


def multi_state_tables(
    study: Study, cohort: Cohort, con: duckdb.DuckDBPyConnection, findings: Findings
) -> dict[str, pd.DataFrame]:
    """state_probability, state_time, state_transition and transition_probability, for a study that
    asks for a course."""
    if study.multi_state is None or cohort.patients.empty:
        return {}
    start, after = START_STATES[study.analysis_set], study.multi_state.after(study.analysis_set)
    people = con.execute(_PEOPLE).df()
    reached = {state: state_days(study, con, state, people["patient_id"]) for state in after}
    rows = stays(people, reached, start)
    states = [start, *after]
    for state in after:
        if not (rows["to"] == state).any():
            findings.add("state_not_reached", "warn", about=state, value=0, threshold=1)
    # A state reached on the last day is entered, but nobody is at risk in it.
    observed = rows[(rows["stop"] > rows["start"]) | (rows["start"] == 0)]
    probability = survival.state_occupation(observed, by="stratum", states=states, initial=start)
    times = survival.time_in_state(
        observed, by="stratum", states=states, initial=start, horizon=list(study.horizons_days)
    )
    sizes = rows.groupby("stratum")["id"].nunique().rename("n").reset_index()
    tables = {
        "state_probability": probability.rename(columns={"time": "time_days"}),
        "state_time": times.rename(
            columns={"horizon": "horizon_days", "mean_time": "mean_days"}
        ).merge(sizes, on="stratum", how="left"),
        "state_transition": _transitions(rows, states),
    }
    with findings.guard("transition_probability"):
        tables["transition_probability"] = transition_rows(observed, states, study.horizons_days)
    return tables


def stays(people: pd.DataFrame, reached: dict[str, pd.Series], start: str) -> pd.DataFrame:
    """A row a stay: id, stratum, start, stop, from, to (missing when observation ends).

    people: patient_id, stratum, entry, last_day. reached: the days of each state in order. A person
    is in the last state of the order reached so far: a state on or after the day of a later one is
    passed over, so that of two on one day the later counts. Who enters late (`entry`) is in
    the state they are in by then.
    """
    days = np.column_stack([values.to_numpy(dtype=float) for values in reached.values()])
    days = np.where(np.isnan(days) | (days > people["last_day"].to_numpy()[:, None]), np.inf, days)
    # The earliest of the states after each: who is there already does not go back.
    later = np.minimum.accumulate(days[:, ::-1], axis=1)[:, ::-1]
    later = np.column_stack([later[:, 1:], np.full(len(days), np.inf)])
    kept = np.isfinite(days) & (days < later)
    person, place = np.nonzero(kept)
    names = np.asarray(list(reached), dtype=object)
    entered = pd.DataFrame(
        {"person": person, "start": days[person, place], "from": names[place], "place": place}
    )
    origin = pd.DataFrame(
        {"person": np.arange(len(people)), "start": 0.0, "from": start, "place": -1}
    )
    rows = pd.concat([origin, entered]).sort_values(["person", "place"]).reset_index(drop=True)
    same = rows["person"].eq(rows["person"].shift(-1))
    who = rows["person"].to_numpy()
    rows["stop"] = rows["start"].shift(-1).where(same, people["last_day"].to_numpy()[who])
    rows["to"] = rows["from"].shift(-1).where(same, None)
    rows["id"] = people["patient_id"].to_numpy()[who]
    rows["stratum"] = people["stratum"].to_numpy()[who]
    entry = people["entry"].to_numpy()[who]
    # Death ends a course: nobody stays in the last state.
    rows = rows[(rows["place"] < len(names) - 1) & ((entry <= 0) | (rows["stop"] > entry))]
    late = people["entry"].to_numpy()[rows["person"]]
    rows["start"] = np.maximum(rows["start"], np.maximum(late, 0.0))
    return rows[["id", "stratum", "start", "stop", "from", "to"]].reset_index(drop=True)


def _transitions(rows: pd.DataFrame, states: list[str]) -> pd.DataFrame:
    """Moves counted; a person who is still observed in a state ends there."""
    counted = rows.groupby(["stratum", "from", "to"], dropna=False).size().rename("n").reset_index()
    order = {state: place for place, state in enumerate(states)}
    counted["place"] = counted["from"].map(order) * 100 + counted["to"].map(order).fillna(99)
    ordered = counted.sort_values(["stratum", "place"]).drop(columns="place")
    return ordered.rename(columns={"from": "from_state", "to": "to_state"})
