"""The marts of a release as an export reads them, whichever release made them.

Belongs here: one view per mart with the columns an export needs. Does not belong here: what the
columns become.
"""

from __future__ import annotations

import duckdb

from analyses.interoperability.errors import ExportError

#: Marts and columns read. What an older release lacks is read as empty.
COLUMNS: dict[str, dict[str, str]] = {
    "source": {"source": "VARCHAR", "title": "VARCHAR", "delivery_date": "DATE"},
    "patient": {
        "source": "VARCHAR",
        "patient_id": "VARCHAR",
        "sex": "VARCHAR",
        "birth_year": "INTEGER",
        "birth_month": "INTEGER",
        "residence_department": "VARCHAR",
        "death_date": "DATE",
        "death_cause": "VARCHAR",
        "registration_date": "DATE",
        "last_contact_date": "DATE",
    },
    "treatment": {
        "source": "VARCHAR",
        "patient_id": "VARCHAR",
        "treatment_id": "VARCHAR",
        "treatment_number": "INTEGER",
        "product": "VARCHAR",
        "indication": "VARCHAR",
        "centre_id": "VARCHAR",
        "decision_date": "DATE",
        "order_date": "DATE",
        "apheresis_date": "DATE",
        "infusion_date": "DATE",
        "not_infused_reason": "VARCHAR",
        "batch_id": "VARCHAR",
    },
    "covariate": {
        "source": "VARCHAR",
        "patient_id": "VARCHAR",
        "treatment_id": "VARCHAR",
        "name": "VARCHAR",
        "value_text": "VARCHAR",
        "value_number": "DOUBLE",
        "measured_date": "DATE",
    },
    "observation": {
        "source": "VARCHAR",
        "patient_id": "VARCHAR",
        "observation_code": "VARCHAR",
        "observed_at": "TIMESTAMP",
        "value_text": "VARCHAR",
        "value_number": "DOUBLE",
        "unit": "VARCHAR",
    },
    "assessment": {
        "source": "VARCHAR",
        "patient_id": "VARCHAR",
        "assessment_date": "DATE",
        "criteria": "VARCHAR",
        "response": "VARCHAR",
    },
    "clinical_event": {
        "source": "VARCHAR",
        "patient_id": "VARCHAR",
        "event_id": "VARCHAR",
        "event_type": "VARCHAR",
        "category": "VARCHAR",
        "event_date": "DATE",
        "grade": "INTEGER",
        "grade_scale": "VARCHAR",
    },
    "questionnaire_score": {
        "source": "VARCHAR",
        "patient_id": "VARCHAR",
        "instrument": "VARCHAR",
        "scale": "VARCHAR",
        "respondent": "VARCHAR",
        "completed_date": "DATE",
        "value": "DOUBLE",
    },
    "resource_use": {
        "source": "VARCHAR",
        "patient_id": "VARCHAR",
        "admission_date": "DATE",
        "discharge_date": "DATE",
        "ghm": "VARCHAR",
    },
}


def read_marts(con: duckdb.DuckDBPyConnection) -> tuple[str, ...]:
    """Make a temporary view `mart_<name>` of every mart of COLUMNS.

    Returns the marts that the release does not have. ExportError for a release without patients'
    rows: a public one.
    """
    found: dict[str, set[str]] = {}
    for table, column in con.execute(
        "SELECT table_name, column_name FROM duckdb_columns() WHERE schema_name = 'marts'"
    ).fetchall():
        found.setdefault(table, set()).add(column)
    if "patient" not in found:
        raise ExportError(
            "This release holds no patient-level tables (its profile is `public`), and these "
            "formats are of patients: export an internal release."
        )
    for table, columns in COLUMNS.items():
        there = found.get(table, set())
        chosen = ", ".join(
            f'CAST({column if column in there else "NULL"} AS {kind}) AS "{column}"'
            for column, kind in columns.items()
        )
        origin = f"FROM marts.{table}" if there else "WHERE false"
        con.execute(f"CREATE OR REPLACE TEMP VIEW mart_{table} AS SELECT {chosen} {origin}")
    return tuple(sorted(COLUMNS.keys() - found.keys()))
