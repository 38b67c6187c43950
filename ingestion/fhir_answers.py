"""The one table made of FHIR R4 QuestionnaireResponse resources: `answers`, one row per answered
item."""

from __future__ import annotations

from collections.abc import Mapping

from ingestion.tables import Column, Table

_COLUMNS = (
    Column("questionnaire_id", "questionnaire_id", "text", True, "pseudonym", "questionnaire"),
    Column("patient_id", "patient_id", "text", True, "pseudonym", "patient"),
    Column("completed_date", "completed_date", "date"),
    Column("visit", "visit", "text"),
    Column("respondent", "respondent", "text"),
    Column("instrument", "instrument", "text"),
    Column("item", "item", "text"),
    Column("answer", "answer", "text"),
    Column("not_completed_reason", "not_completed_reason", "text"),
)
HEADERS = tuple(column.header for column in _COLUMNS)
TABLES: Mapping[str, Table] = {
    "answers": Table(
        name="answers",
        files=("*.ndjson", "*.jsonl", "*.json"),
        columns=_COLUMNS,
        key=("questionnaire_id", "patient_id"),
        version_key=("questionnaire_id", "patient_id", "item"),
        required=True,
    )
}
