"""ADTTE: one row per subject and endpoint.

Belongs here: how an outcome reads in ADaM. Does not belong here: the outcomes, which are those the
study's results are estimated on (analyses.evaluation.outcome).
"""

from __future__ import annotations

import duckdb
import pandas as pd

from analyses.cohort import Cohort
from analyses.evaluation.deterioration import load_deterioration
from analyses.evaluation.findings import Findings
from analyses.evaluation.outcome import load_outcome
from analyses.interoperability.cdisc.parameters import parameter_codes
from analyses.studies import Endpoint, Study, find_endpoint, is_deterioration

# Why somebody was censored is told by the mart; the study's own cut-off or its choice for a next
# treatment may come before.
_ROWS = """
SELECT
    o.patient_id, o.entry, o.time, o.event, o.cause_name, coalesce(e.start_date, k.start_date)
        AS start_date,
    coalesce(e.date_imputed AND e.time_days = o.time, false) AS date_imputed,
    CASE WHEN o.cause_name IS NOT NULL THEN NULL
        WHEN e.time_days = o.time THEN e.censoring_reason
        WHEN e.time_days IS NULL THEN 'last_contact'
        WHEN e.start_date + CAST(o.time AS INTEGER) < k.cutoff_date THEN 'next_treatment'
        ELSE 'administrative' END AS reason
FROM study_outcome AS o
INNER JOIN study_patient AS k ON o.patient_id = k.patient_id
LEFT JOIN marts.time_to_event AS e
    ON k.source = e.source AND k.patient_id = e.patient_id AND k.treatment_id = e.treatment_id
    AND e.endpoint = ? AND e.analysis_set = ?
ORDER BY o.patient_id
"""
CENSORED_AT = {
    "last_contact": "LAST CONTACT",
    "administrative": "DATA CUT-OFF",
    "next_treatment": "START OF NEXT TREATMENT",
}


def times(
    study: Study, cohort: Cohort, subjects: pd.DataFrame, con: duckdb.DuckDBPyConnection
) -> pd.DataFrame:
    """ADTTE by USUBJID and PARAMN, the study's endpoints in its own order.

    AVAL is days from STARTDT to ADT, no day added; CNSR is 1 - event, so that a competing event is
    censored for its endpoint and named in EVNTDESC. ENTRYDY is the delay of entry into observation
    (0: none). Who cannot be at risk of an endpoint has no row of it, as in the results.
    """
    findings = Findings(study.id, study.analysis_set)
    parts = []
    codes = parameter_codes(study.endpoints)
    for number, name in enumerate(study.endpoints, start=1):
        endpoint = find_endpoint(name)
        load = load_deterioration if is_deterioration(name) else None
        if load is None:
            load_outcome(study, endpoint, con, findings)
        else:
            load(study, endpoint, cohort, con, findings)
        rows = con.execute(_ROWS, [name, study.analysis_set]).df()
        parts.append(_described(rows, endpoint, number, codes[name]))
    every = pd.concat(parts, ignore_index=True)
    columns = ["patient_id", "STUDYID", "USUBJID", "TRT01P", "TRT01A", "STRAT1"]
    whole = every.merge(subjects[columns], on="patient_id", validate="m:1")
    whole = whole.rename(columns={"TRT01P": "TRTP", "TRT01A": "TRTA"})
    return whole.sort_values(["USUBJID", "PARAMN"], ignore_index=True)


def _described(rows: pd.DataFrame, endpoint: Endpoint, number: int, code: str) -> pd.DataFrame:
    event = rows["event"] == 1
    competing = ~event & rows["cause_name"].notna()
    cause = rows["cause_name"].fillna(endpoint.id).str.replace("_", " ").str.upper()
    censored_at = rows["reason"].map(CENSORED_AT).fillna("LAST CONTACT")
    described = cause.where(event, "COMPETING EVENT: " + cause)
    start = pd.to_datetime(rows["start_date"])
    return pd.DataFrame(
        {
            "patient_id": rows["patient_id"],
            "PARAMCD": code,
            "PARAM": f"{endpoint.title} (days)",
            "PARAMN": number,
            "AVAL": rows["time"],
            "AVALU": "DAYS",
            "STARTDT": start,
            "ADT": start + pd.to_timedelta(rows["time"], unit="D"),
            "ADTF": rows["date_imputed"].astype(bool).map({True: "Y", False: None}),
            "ENTRYDY": rows["entry"],
            "CNSR": 1 - rows["event"].astype(int),
            "EVNTDESC": described.where(event | competing, "CENSORED AT " + censored_at),
            "CNSDTDSC": censored_at.where(~competing, "COMPETING EVENT").where(~event, None),
            "ANL01FL": "Y",
        }
    )
