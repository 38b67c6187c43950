"""The common extract format: its tables, columns and types, and nothing about any source.

`docs/common-extract-format.md` says the same for people. Lists of codes are dbt seeds, not here.
"""

from __future__ import annotations

from collections.abc import Mapping

from ingestion.sql import DataType
from ingestion.tables import Column, Table

# `*` after a name: the column must be there.
_COLUMNS = {
    "patients": """patient_id* sex* birth_year* birth_month residence_department vital_status*
        death_date death_cause registration_date last_contact_date*""",
    "treatments": """treatment_id* patient_id* product_code* indication_code* line centre_id
        decision_date order_date apheresis_date release_date infusion_date not_infused_reason
        batch_id batch_outcome bridging""",
    "events": """event_id* patient_id* treatment_id event_type* event_date* grade grade_scale
        detail""",
    "assessments": "patient_id* treatment_id assessment_date* criteria* response*",
    "covariates": "patient_id* treatment_id name* value* measured_date",
    "observations": "patient_id* treatment_id observed_at* code* value* unit",
    "questionnaires": """questionnaire_id* patient_id* completed_date* visit respondent
        instrument* item* answer not_completed_reason""",
    "stays": "patient_id* admission_date* discharge_date ghm cost_eur icu_days",
}
# What must be filled, and what tells the versions of one row apart in incremental deliveries.
_KEYS = {
    "patients": ("patient_id", ""),
    "treatments": ("treatment_id patient_id", ""),
    "events": ("event_id patient_id", ""),
    "assessments": ("patient_id", "treatment_id assessment_date criteria"),
    "covariates": ("patient_id", "treatment_id name measured_date"),
    "observations": ("patient_id", "treatment_id observed_at code"),
    "questionnaires": ("questionnaire_id patient_id", "instrument item"),
    "stays": ("patient_id", "admission_date ghm"),
}
_KINDS = {
    "patient_id": "patient",
    "treatment_id": "treatment",
    "batch_id": "batch",
    "event_id": "event",
    "questionnaire_id": "questionnaire",
}
_TYPES: dict[str, DataType] = {
    "observed_at": "timestamp",
    "birth_year": "integer",
    "birth_month": "integer",
    "line": "integer",
    "grade": "integer",
    "bridging": "flag",
    "cost_eur": "number",
    "icu_days": "number",
}


def _column(declared: str) -> Column:
    name = declared.removesuffix("*")
    data_type: DataType = _TYPES.get(name, "date" if name.endswith("_date") else "text")
    role = "pseudonym" if name in _KINDS else "keep"
    if name in ("birth_year", "birth_month"):
        # A full birth date put here by mistake is cut down before anything is written.
        role = "birth_part"
    return Column(name, name, data_type, declared.endswith("*"), role, _KINDS.get(name))


def _table(name: str) -> Table:
    must, more = _KEYS[name]
    key = tuple(must.split())
    return Table(
        name=name,
        files=(f"{name}.*", f"{name}_*.*"),
        columns=tuple(_column(declared) for declared in _COLUMNS[name].split()),
        key=key,
        version_key=key + tuple(more.split()),
        required=False,
        quiet_optional=True,
    )


TABLES: Mapping[str, Table] = {name: _table(name) for name in _COLUMNS}
