"""A DuckDB database with the marts that analyses read, made from a few Python rows.

Belongs here: the columns of schema marts, and people written as a protocol would tell them. Does
not belong here: expectations of any test.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd

OFFLINE: dict[str, Any] = {
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
}
INDEX = dt.date(2024, 1, 1)
DELIVERED = dt.date(2026, 6, 30)

COLUMNS: dict[str, dict[str, str]] = {
    "source": {
        "source": "VARCHAR",
        "title": "VARCHAR",
        "registers_from": "VARCHAR",
        "delivery_date": "DATE",
        "synthetic": "BOOLEAN",
    },
    "patient": {
        "source": "VARCHAR",
        "patient_id": "VARCHAR",
        "sex": "VARCHAR",
        "birth_year": "INTEGER",
        "birth_month": "INTEGER",
        "residence_department": "VARCHAR",
        "vital_status": "VARCHAR",
        "death_date": "DATE",
        "death_date_imputed": "BOOLEAN",
        "death_cause": "VARCHAR",
        "registration_date": "DATE",
        "last_contact_date": "DATE",
        "last_contact_imputed": "BOOLEAN",
    },
    "treatment": {
        "source": "VARCHAR",
        "patient_id": "VARCHAR",
        "treatment_id": "VARCHAR",
        "treatment_number": "INTEGER",
        "product": "VARCHAR",
        "product_code": "VARCHAR",
        "indication": "VARCHAR",
        "indication_code": "VARCHAR",
        "line": "INTEGER",
        "centre_id": "VARCHAR",
        "infusion_date": "DATE",
    },
    "time_to_event": {
        "source": "VARCHAR",
        "patient_id": "VARCHAR",
        "treatment_id": "VARCHAR",
        "endpoint": "VARCHAR",
        "analysis_set": "VARCHAR",
        "start_date": "DATE",
        "end_date": "DATE",
        "entry_days": "INTEGER",
        "time_days": "INTEGER",
        "event": "INTEGER",
        "cause": "VARCHAR",
        "censoring_reason": "VARCHAR",
        "date_imputed": "BOOLEAN",
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
    "clinical_event": {
        "source": "VARCHAR",
        "patient_id": "VARCHAR",
        "treatment_id": "VARCHAR",
        "event_id": "VARCHAR",
        "event_type": "VARCHAR",
        "category": "VARCHAR",
        "event_date": "DATE",
        "grade": "INTEGER",
        "grade_scale": "VARCHAR",
    },
    "questionnaire_form": {
        "source": "VARCHAR",
        "patient_id": "VARCHAR",
        "questionnaire_id": "VARCHAR",
        "treatment_id": "VARCHAR",
        "instrument": "VARCHAR",
        "respondent": "VARCHAR",
        "visit": "VARCHAR",
        "completed_date": "DATE",
        "not_completed_reason": "VARCHAR",
        "n_items_answered": "INTEGER",
        "n_items_unusable": "INTEGER",
    },
    "questionnaire_item": {
        "source": "VARCHAR",
        "patient_id": "VARCHAR",
        "questionnaire_id": "VARCHAR",
        "instrument": "VARCHAR",
        "item": "VARCHAR",
        "state": "VARCHAR",
        "n_items": "INTEGER",
    },
    "questionnaire_score": {
        "source": "VARCHAR",
        "patient_id": "VARCHAR",
        "questionnaire_id": "VARCHAR",
        "treatment_id": "VARCHAR",
        "instrument": "VARCHAR",
        "scale": "VARCHAR",
        "respondent": "VARCHAR",
        "completed_date": "DATE",
        "value": "DOUBLE",
        "withheld": "VARCHAR",
    },
}


def day(days: int, start: dt.date = INDEX) -> dt.date:
    """The date `days` after the index date."""
    return start + dt.timedelta(days=days)


@dataclass
class Marts:
    """Rows by mart, grown person by person, then written into a database."""

    rows: dict[str, list[dict[str, Any]]] = field(
        default_factory=lambda: {name: [] for name in COLUMNS}
    )

    def source(self, name: str = "registry", **more: Any) -> Marts:
        """A source that registers from the decision on, delivered on 2026-06-30."""
        row = {"source": name, "registers_from": "decision", "delivery_date": DELIVERED}
        self.rows["source"].append({**row, **more})
        return self

    def person(
        self,
        patient_id: str,
        *,
        source: str = "registry",
        treatment_id: str | None = None,
        start: dt.date | None = INDEX,
        sex: str = "F",
        birth_year: int | None = 1960,
        birth_month: int | None = 1,
        entry_days: int = 0,
        analysis_set: str = "infused",
        outcomes: dict[str, tuple[int, str | None]] | None = None,
        **treatment: Any,
    ) -> Marts:
        """A person's treatment and its outcomes: endpoint -> (days, cause or None if censored).

        A cause of an endpoint with competing events is an event only when it is the endpoint's own
        name, or for death_by_cause always; a second call with the same patient_id and source adds a
        treatment.
        """
        treatment_id = treatment_id or f"{patient_id}-1"
        keys = {"source": source, "patient_id": patient_id}
        if not any(keys.items() <= row.items() for row in self.rows["patient"]):
            born = {"birth_year": birth_year, "birth_month": birth_month}
            self.rows["patient"].append({**keys, "sex": sex, **born})
        given = {"product": "product_a", "indication": "dlbcl", "line": 3, "centre_id": "c1"}
        self.rows["treatment"].append(
            {**keys, "treatment_id": treatment_id, "infusion_date": start, **given, **treatment}
        )
        if start is not None:
            for endpoint, (days, cause) in (outcomes or {"overall_survival": (900, None)}).items():
                self.outcome(
                    keys, treatment_id, endpoint, days, cause, start, entry_days, analysis_set
                )
        return self

    def outcome(
        self,
        keys: dict[str, str],
        treatment_id: str,
        endpoint: str,
        days: int,
        cause: str | None,
        start: dt.date = INDEX,
        entry_days: int = 0,
        analysis_set: str = "infused",
    ) -> Marts:
        """One row of time_to_event."""
        self.rows["time_to_event"].append(
            {
                **keys,
                "treatment_id": treatment_id,
                "endpoint": endpoint,
                "analysis_set": analysis_set,
                "start_date": start,
                "end_date": day(days, start),
                "entry_days": entry_days,
                "time_days": days,
                "event": int(_is_event(endpoint, cause)),
                "cause": cause,
                "censoring_reason": "last_contact" if cause is None else None,
                "date_imputed": False,
            }
        )
        return self

    def covariate(self, patient_id: str, name: str, value: Any, **more: Any) -> Marts:
        """A patient-level, undated value unless `treatment_id` or `measured_date` is given."""
        number = float(value) if isinstance(value, int | float) else None
        row = {"source": "registry", "patient_id": patient_id, "name": name}
        self.rows["covariate"].append(
            {**row, "value_text": str(value), "value_number": number, **more}
        )
        return self

    def event(self, patient_id: str, event_type: str, days: int, grade: int | None = None) -> Marts:
        """A clinical event `days` after the index date."""
        row = {"source": "registry", "patient_id": patient_id, "event_type": event_type}
        self.rows["clinical_event"].append({**row, "event_date": day(days), "grade": grade})
        return self

    def connect(self, path: Path | None = None) -> duckdb.DuckDBPyConnection:
        """The database: in memory, or a file opened read-only when `path` is given."""
        con = duckdb.connect(":memory:" if path is None else str(path), config=OFFLINE)
        con.execute("CREATE SCHEMA marts")
        for name, columns in COLUMNS.items():
            shape = ", ".join(f"{column} {kind}" for column, kind in columns.items())
            con.execute(f"CREATE TABLE marts.{name} ({shape})")
            values = [[row.get(column) for column in columns] for row in self.rows[name]]
            if values:
                con.register("rows", pd.DataFrame(values, columns=list(columns), dtype="object"))
                con.execute(f"INSERT INTO marts.{name} SELECT * FROM rows")
                con.unregister("rows")
        if path is None:
            return con
        con.close()
        return duckdb.connect(str(path), read_only=True, config=OFFLINE)


WITHOUT_COMPETING = (
    "overall_survival",
    "progression_free_survival",
    "event_free_survival",
    "duration_of_response",
    "ventilation_free_survival",
)


def _is_event(endpoint: str, cause: str | None) -> bool:
    if cause is None:
        return False
    return endpoint in (*WITHOUT_COMPETING, "death_by_cause") or cause == endpoint
