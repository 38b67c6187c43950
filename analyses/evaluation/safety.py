"""Safety of the study's people: rates, mean numbers of events, standardised incidence.

Belongs here: which events of whom, as rows of results. Does not belong here: estimators
(analyses.safety), cumulative incidence, which is an endpoint like any other.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd

from analyses.cohort import MISSING, Cohort
from analyses.evaluation.findings import Findings
from analyses.reference_rates import People, RateTable, cumulative_hazard, read_rates
from analyses.reference_rates.expected import DAYS_PER_YEAR
from analyses.safety import (
    Recurrent,
    incidence_rates,
    mean_cumulative_count,
    recurrent_of,
    standardised_ratio,
)
from analyses.studies import Study
from analyses.studies.safety import StandardisedIncidence, type_and_grade

# One event a person, type and day: a register may tell the same one in several reports. What was
# before the start or after the end of follow-up is not at risk, nor what was before registration
# (`prior`): who had that is no longer at risk of a first one.
_EVENTS = """
SELECT DISTINCT
    k.patient_id AS id, date_diff('day', k.start_date, v.event_date) AS time,
    k.entry_days > 0 AND date_diff('day', k.start_date, v.event_date) <= k.entry_days AS prior
FROM study_patient AS k
INNER JOIN marts.clinical_event AS v ON k.source = v.source AND k.patient_id = v.patient_id
WHERE list_contains($types, v.event_type) AND ($grade IS NULL OR v.grade >= $grade)
    AND v.event_date >= k.start_date AND v.event_date <= k.end_of_follow_up
ORDER BY ALL
"""
# What counts as well: the endpoint second_malignancy has the T-cell malignancies too.
_INCLUDES = {"second_malignancy": ["t_cell_malignancy"]}
OVERDISPERSED = 1.5


def safety_tables(
    study: Study, cohort: Cohort, con: duckdb.DuckDBPyConnection, findings: Findings
) -> Mapping[str, pd.DataFrame]:
    """incidence_rate, mean_cumulative_count and standardised_incidence; none when not asked."""
    if study.safety is None:
        return {}
    people = _people(cohort, con)
    tables: dict[str, list[pd.DataFrame]] = defaultdict(list)
    for event in study.safety.events:
        events, prior = _events(con, event)
        with_prior = people.assign(prior=people["id"].isin(prior))
        _look_at_prior(with_prior, event, findings)
        for stratum in (level for level in cohort.levels if level != MISSING):
            with findings.guard(f"safety, {event}, stratum {stratum}"):
                sample = _sample(with_prior, events, stratum)
                rates = pd.DataFrame(_rate_rows(sample))
                _look_at_dispersion(rates, event, stratum, findings)
                labels = {"stratum": stratum, "event_type": event}
                tables["incidence_rate"].append(rates.assign(**labels))
                curve = mean_cumulative_count(sample).rename(columns={"time": "time_days"})
                tables["mean_cumulative_count"].append(curve.assign(**labels))
    wanted = study.safety.standardised_incidence
    if wanted is not None:
        with findings.guard(f"standardised_incidence, {wanted.event}"):
            events, prior = _events(con, wanted.event)
            never = people[~people["id"].isin(prior)]
            if wanted.event not in study.safety.events:
                _look_at_prior(
                    people.assign(prior=people["id"].isin(prior)), wanted.event, findings
                )
            found = _standardised(wanted, never, events, cohort, findings)
            tables["standardised_incidence"].append(found)
    return {name: pd.concat(frames, ignore_index=True) for name, frames in tables.items()}


def _people(cohort: Cohort, con: duckdb.DuckDBPyConnection) -> pd.DataFrame:
    """One row a person: id, follow-up in days, whether it ended in death, age, sex, start."""
    entry = con.execute("SELECT patient_id, entry_days FROM study_patient").df()
    people = cohort.patients.merge(entry, on="patient_id", how="left", suffixes=("_", ""))
    start = pd.to_datetime(people["start_date"])
    return pd.DataFrame(
        {
            "id": people["patient_id"],
            "stratum": people["stratum"],
            "time": (pd.to_datetime(people["end_of_follow_up"]) - start).dt.days.astype(float),
            "died": people["death_date"].notna(),
            "entry": people["entry_days"].fillna(0).clip(lower=0).astype(float),
            "sex": people["sex"],
            "age_years": people["age_years"],
            "start_date": start,
        }
    )


def _events(con: duckdb.DuckDBPyConnection, event: str) -> tuple[pd.DataFrame, pd.Series]:
    """The events at risk (id, time), and who had one between the start and registration."""
    kind, grade = type_and_grade(event)
    types = [kind, *_INCLUDES.get(kind, [])]
    found = con.execute(_EVENTS, {"types": types, "grade": grade}).df()
    before = found["prior"].fillna(False).astype(bool)
    return found.loc[~before, ["id", "time"]], found.loc[before, "id"]


def _sample(people: pd.DataFrame, events: pd.DataFrame, stratum: str) -> Recurrent:
    mine = people[people["stratum"] == stratum]
    return recurrent_of(mine, events[events["id"].isin(mine["id"])], entry="entry", prior="prior")


def _look_at_prior(people: pd.DataFrame, event: str, findings: Findings) -> None:
    """Who had the event before registration: left out of first events, and of the ratio."""
    if people["prior"].any():
        findings.add(
            "event_before_registration",
            "warn",
            about=f"{event}, people not at risk of a first one",
            value=int(people["prior"].sum()),
            threshold=0,
        )


def _rate_rows(sample: Recurrent) -> list[dict[str, object]]:
    per = 100 * DAYS_PER_YEAR
    return [
        {
            "counting": rate.counting,
            "method": rate.method,
            "n": rate.n,
            "n_with_event": rate.n_with_event,
            "n_event": rate.n_event,
            "person_years": rate.person_time / DAYS_PER_YEAR,
            "rate_per_100_years": rate.rate * per,
            "ci_lower": rate.ci_lower * per,
            "ci_upper": rate.ci_upper * per,
            "dispersion": rate.dispersion,
        }
        for rate in incidence_rates(sample)
    ]


def _look_at_dispersion(rates: pd.DataFrame, event: str, stratum: str, findings: Findings) -> None:
    """Events that come in clusters make the exact limits of all events too narrow."""
    value = float(rates["dispersion"].dropna().max()) if rates["dispersion"].notna().any() else None
    if value is not None:
        findings.add(
            "overdispersed_events",
            "warn" if value > OVERDISPERSED else "pass",
            about=f"{event}, stratum {stratum}",
            value=value,
            threshold=OVERDISPERSED,
        )


def _standardised(
    wanted: StandardisedIncidence,
    people: pd.DataFrame,
    events: pd.DataFrame,
    cohort: Cohort,
    findings: Findings,
) -> pd.DataFrame:
    """First events observed and expected, from `from_days` on, of everybody with an age."""
    rates = read_rates(Path(wanted.rates))
    known = people["age_years"].notna()
    if not known.all():
        findings.add(
            "incomplete_covariates",
            "warn",
            about=f"no age, so no expected {wanted.event}: left out of the ratio",
            value=int((~known).sum()),
            threshold=0,
        )
    people = people[known]
    first = people["id"].map(events.groupby("id")["time"].min())
    rows = []
    levels = [level for level in cohort.levels if level != MISSING]
    for stratum in levels:
        mine = people["stratum"] == stratum
        row = _ratio(wanted, rates, people[mine], first[mine])
        rows.append({"stratum": stratum, "event_type": wanted.event, **row})
    return pd.DataFrame(rows)


def _ratio(
    wanted: StandardisedIncidence, rates: RateTable, people: pd.DataFrame, first: pd.Series
) -> dict[str, object]:
    start = np.maximum(people["entry"].to_numpy(), wanted.from_days)
    end = people["time"].to_numpy()
    event = first.fillna(np.inf).to_numpy(dtype=np.float64)
    # Somebody with the event before the count begins is no longer at risk of a first one.
    at_risk = (end > start) & ((event > start) | ((event == start) & (start == 0)))
    start, stop = start[at_risk], np.minimum(event, end)[at_risk]
    who = people[at_risk]
    expected = cumulative_hazard(
        rates, People.of(who["sex"], who["age_years"], who["start_date"]), stop, start
    )
    found = standardised_ratio(
        int(np.sum(event[at_risk] <= end[at_risk])),
        float(expected.sum()),
        mid_p=wanted.limits == "mid_p",
    )
    return {
        "method": wanted.limits,
        "n": int(at_risk.sum()),
        "observed": found.observed,
        "expected": found.expected,
        "person_years": float(np.sum(stop - start)) / DAYS_PER_YEAR,
        "ratio": found.ratio,
        "ci_lower": found.ci_lower,
        "ci_upper": found.ci_upper,
        "p_value": found.p_value,
    }
