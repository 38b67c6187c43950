"""The frames quality of life is evaluated on, checked and brought to one form.

Columns, dates and names of instruments; no rule of scoring or counting.
"""

from __future__ import annotations

import pandas as pd

from analyses.errors import AnalysisError, rows
from analyses.quality_of_life.names import normalise
from analyses.quality_of_life.registry import instrument_names, instruments

_DATES = ("start_date", "end_of_follow_up", "death_date", "cutoff_date")
_FILLED = ("patient_id", "stratum", "start_date", "end_of_follow_up", "cutoff_date")


def people_of(cohort: pd.DataFrame) -> pd.DataFrame:
    """The cohort with one number a person, dates as dates and `entry_days` (0 where none)."""
    require(cohort, (*_FILLED, "death_date", "age_years"), "cohort")
    people = cohort.reset_index(drop=True)
    for column in _FILLED:
        n_empty = int(people[column].isna().sum())
        if n_empty:
            message = f"cohort: {column} is empty in {rows(n_empty)}; every person needs one"
            raise AnalysisError(message)
    for column in _DATES:
        people[column] = pd.to_datetime(people[column])
    # Registered after the start: not under observation before.
    entry = people["entry_days"] if "entry_days" in people else pd.Series(0.0, people.index)
    entry = entry.astype(float).fillna(0.0).clip(lower=0.0)
    return people.assign(unit=range(len(people)), entry_days=entry)


def registered_rows(frame: pd.DataFrame, columns: tuple[str, ...], what: str) -> pd.DataFrame:
    """The rows of registered instruments, under their ids; `form` is the form for an age.

    A form of a series (`Instrument.series`) goes under the id of the series.
    """
    require(frame, columns, what)
    known = instrument_names()
    delivered = frame["instrument"].dropna().unique()
    ids = {name: known.get(normalise(str(name))) for name in delivered}
    form = frame["instrument"].map(ids)
    series = {one.id: one.series or one.id for one in instruments().values()}
    return frame[list(columns)].assign(instrument=form.map(series), form=form)


def require(frame: pd.DataFrame, columns: tuple[str, ...], what: str) -> None:
    """Refuses a frame that lacks a column; `what` names the frame in the error."""
    missing = [column for column in columns if column not in frame.columns]
    if missing:
        message = f"{what} lack the column {', '.join(missing)}"
        raise AnalysisError(message)
