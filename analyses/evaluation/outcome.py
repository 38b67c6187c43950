"""One endpoint of the cohort: who had what when, at the study's cut-off, still in DuckDB.

Belongs here: the study's cut-off and its choice for a next treatment, applied to
marts.time_to_event. Does not belong here: what an event is (dbt) and estimates.
"""

from __future__ import annotations

from dataclasses import dataclass

import duckdb
import pandas as pd

from analyses.cohort import MISSING, Cohort
from analyses.evaluation.findings import Findings
from analyses.studies import Endpoint, Study

RELATION = "study_outcome"

# A row whose end lies beyond the stop is censored there: exact for first-event endpoints.
_OUTCOMES = """
CREATE OR REPLACE TEMP TABLE study_outcome AS
WITH stopped AS (
    SELECT
        k.patient_id, s.stratum, e.start_date, e.end_date, e.time_days, e.event,
        coalesce(e.entry_days, 0) AS entry_days, coalesce(e.date_imputed, false) AS date_imputed,
        coalesce(e.cause, CASE WHEN e.event = 1 THEN e.endpoint END) AS cause,
        least(k.cutoff_date, n.end_date) AS stop_date
    FROM study_patient AS k
    INNER JOIN study_stratum AS s ON k.patient_id = s.patient_id
    INNER JOIN marts.time_to_event AS e
        ON k.source = e.source AND k.patient_id = e.patient_id
        AND k.treatment_id = e.treatment_id
        AND e.endpoint = $endpoint AND e.analysis_set = $analysis_set
    LEFT JOIN marts.time_to_event AS n
        ON k.source = n.source AND k.patient_id = n.patient_id
        AND k.treatment_id = n.treatment_id AND n.analysis_set = $analysis_set
        AND n.endpoint = 'time_to_next_treatment' AND n.event = 1 AND $ends_at_next_treatment
)
SELECT
    patient_id, stratum, CAST(entry_days AS DOUBLE) AS entry,
    CAST(CASE WHEN end_date <= stop_date THEN time_days
        ELSE date_diff('day', start_date, stop_date) END AS DOUBLE) AS time,
    CASE WHEN end_date <= stop_date THEN event ELSE 0 END AS event,
    CASE WHEN end_date <= stop_date THEN cause END AS cause_name,
    date_imputed AND end_date <= stop_date AS date_imputed
FROM stopped
WHERE start_date <= stop_date
"""


@dataclass(frozen=True)
class Outcome:
    """One endpoint's rows in the temporary table study_outcome.

    Its columns: patient_id, stratum, entry, time (days), event (0/1), cause_name, cause (0
    censored, then 1, 2, ... as in `causes`). Another endpoint's outcome replaces the table.
    sizes: stratum, n, n_event (the endpoint's own event, or any cause for death_by_cause).
    delayed: whether somebody enters after the start of the clock.
    """

    endpoint: Endpoint
    causes: tuple[str, ...]
    sizes: pd.DataFrame
    delayed: bool

    @property
    def known_strata(self) -> str:
        """The relation without the patients whose stratum is missing: SQL."""
        return f"SELECT * FROM {RELATION} WHERE stratum <> '{MISSING}'"

    @property
    def own_cause(self) -> str | None:
        """The endpoint's own event among competing ones; None without them."""
        return self.causes[0] if self.causes else None

    @property
    def has_own_event(self) -> bool:
        """Whether one of the causes is the endpoint's own (death_by_cause has none)."""
        return self.own_cause in (None, self.endpoint.id)

    @property
    def n_event(self) -> int:
        """Events in all strata."""
        return int(self.sizes["n_event"].sum())


def load_outcome(
    study: Study, endpoint: Endpoint, con: duckdb.DuckDBPyConnection, findings: Findings
) -> Outcome:
    """Fill study_outcome with the endpoint at the study's cut-off; exclusions are findings."""
    censors = study.estimand.intercurrent_events.next_treatment == "censor"
    con.execute(
        _OUTCOMES,
        {
            "endpoint": endpoint.id,
            "analysis_set": study.analysis_set,
            "ends_at_next_treatment": censors and "next_treatment" in endpoint.may_end_at,
        },
    )
    exclude_unobserved(con, endpoint, findings)
    _look_at_imputed_dates(con, endpoint, findings)
    causes = _number_causes(con, endpoint) if endpoint.has_competing else ()
    return Outcome(endpoint, causes, *sizes_and_entry(con))


def sizes_and_entry(con: duckdb.DuckDBPyConnection) -> tuple[pd.DataFrame, bool]:
    """`sizes` and `delayed` of the outcome whose rows are in study_outcome."""
    sizes = con.execute(
        f"SELECT stratum, count(*) AS n, CAST(sum(event) AS BIGINT) AS n_event FROM {RELATION} "
        "GROUP BY stratum ORDER BY stratum"
    ).df()
    late = con.execute(f"SELECT count(*) FROM {RELATION} WHERE entry > 0").fetchone()
    return sizes, bool(late and late[0])


def read_rows(con: duckdb.DuckDBPyConnection) -> pd.DataFrame:
    """The rows themselves, by patient_id, for what cannot be estimated on counts."""
    return con.execute(f"SELECT * FROM {RELATION} ORDER BY patient_id").df()


def described_rows(cohort: Cohort, con: duckdb.DuckDBPyConnection) -> pd.DataFrame:
    """The rows with the cohort's columns beside them."""
    described = cohort.patients.drop(columns="stratum")
    return read_rows(con).merge(described, on="patient_id", how="left", validate="one_to_one")


def own_rows(cohort: Cohort, outcome: Outcome, con: duckdb.DuckDBPyConnection) -> pd.DataFrame:
    """`described_rows`, `event` being the endpoint's own; `censored`: no event of any cause."""
    rows = described_rows(cohort, con)
    if not outcome.causes:
        return rows.assign(censored=rows["event"] == 0)
    return rows.assign(censored=rows["cause"] == 0, event=(rows["cause"] == 1).astype(int))


def exclude_unobserved(
    con: duckdb.DuckDBPyConnection, endpoint: Endpoint, findings: Findings
) -> None:
    """Take out who cannot be at risk for this endpoint; the cohort's own exclusions came before.

    An endpoint that starts after the index date (a response) can end before it starts; a person
    registered after their event was never observed at risk of it.
    """
    for diagnostic, condition in (
        ("negative_duration", "time < 0"),
        ("registered_after_event", "entry > 0 AND entry >= time"),
    ):
        row = con.execute(f"SELECT count(*) FROM {RELATION} WHERE {condition}").fetchone()
        if row and row[0]:
            findings.add(diagnostic, "warn", endpoint=endpoint.id, value=row[0], threshold=0)
            con.execute(f"DELETE FROM {RELATION} WHERE {condition}")


def _look_at_imputed_dates(
    con: duckdb.DuckDBPyConnection, endpoint: Endpoint, findings: Findings
) -> None:
    """Events without a date of their own (a death without one is dated at the last contact)."""
    row = con.execute(f"SELECT count(*) FROM {RELATION} WHERE date_imputed").fetchone()
    if row and row[0]:
        findings.add("imputed_event_dates", "warn", endpoint=endpoint.id, value=row[0], threshold=0)


def _number_causes(con: duckdb.DuckDBPyConnection, endpoint: Endpoint) -> tuple[str, ...]:
    """Number the causes, the endpoint's own first; it is there even when nobody had it."""
    found = con.execute(
        f"SELECT DISTINCT cause_name FROM {RELATION} WHERE cause_name IS NOT NULL ORDER BY 1"
    ).fetchall()
    others = [name for (name,) in found if name != endpoint.id]
    # death_by_cause has no event of its own name: its events are the causes.
    own = [] if endpoint.id == "death_by_cause" and others else [endpoint.id]
    causes = (*own, *others)
    con.execute(f"ALTER TABLE {RELATION} ADD COLUMN cause INTEGER")
    con.execute(
        f"UPDATE {RELATION} SET cause = coalesce(list_position(?, cause_name), 0)", [list(causes)]
    )
    return causes
