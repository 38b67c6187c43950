"""Small tables of the schemas raw and marts in which every check passes, to be spoilt row by row.

Twenty patients a table; all of them invented. `spoil` changes rows by an UPDATE, `empty` takes
them out.
"""

from __future__ import annotations

import duckdb

N = 20
OFFLINE = {"autoinstall_known_extensions": "false", "autoload_known_extensions": "false"}
LINEAGE = (
    "'{source}' AS _source, '2026-06-30' AS _delivery, 'a_file.csv' AS _file, i::BIGINT AS _row"
)
# Each table: a SELECT over i = 1..N (patient i); {p}, {t} are pseudonyms of patient and treatment.
TABLES = {
    "raw.source_registry": """
        SELECT 'cart_registry' AS source, 'apheresis' AS registers_from,
            DATE '2026-06-30' AS delivery_date, true AS synthetic WHERE i = 1""",
    "raw.code_map": """
        SELECT 'gene_therapy_registry' AS source, 'vital_status' AS code_list, 'V' AS code,
            'alive' AS mapped_code WHERE i = 1""",
    "raw.cart_registry__patients": """
        SELECT {p} AS patient_id, DATE '1960-03-01' AS birth_month, 'F' AS sex,
            '75' AS residence_department, DATE '2024-01-10' AS registration_date, {cart}""",
    "raw.cart_registry__treatments": """
        SELECT {p} AS patient_id, {t} AS treatment_id, 'YESCARTA' AS product_code,
            'LDGCB' AS indication_code, 3 AS line, 'C01' AS centre_id,
            DATE '2024-01-05' AS decision_date, DATE '2024-01-08' AS order_date,
            DATE '2024-01-15' AS apheresis_date, DATE '2024-02-10' AS release_date,
            DATE '2024-02-20' AS infusion_date, NULL::VARCHAR AS not_infused_reason,
            'B1' AS batch_id, 'CONFORME' AS batch_outcome, 'O' AS bridging, 1 AS ecog,
            250.5::DOUBLE AS ldh, 'UI/L' AS ldh_unit, 250.0 AS ldh_upper_limit, 'N' AS bulky,
            2 AS ipi, {cart}""",
    "raw.cart_registry__follow_up": """
        SELECT {p} AS patient_id, {t} AS treatment_id, 'M3' AS period,
            DATE '2024-05-20' AS visit_date, if(i <= 10, 'D', 'V') AS vital_status,
            if(i <= 10, DATE '2025-01-01', NULL) AS death_date,
            if(i <= 10, 'PROGRESSION', NULL) AS death_cause,
            DATE '2025-01-01' AS last_news_date, DATE '2024-05-20' AS assessment_date,
            'RC' AS response, 'O' AS progression, DATE '2024-11-01' AS progression_date,
            2 AS crs_grade, DATE '2024-02-22' AS crs_date, 1 AS icans_grade,
            DATE '2024-02-23' AS icans_date, 'N' AS next_treatment,
            NULL::DATE AS next_treatment_date, {cart}""",
    "raw.cart_registry__surveillance": """
        SELECT {p} AS patient_id, {t} AS treatment_id, DATE '2024-02-22' AS observed_date,
            'TEMPERATURE' AS code, '38,9' AS value, 'C' AS unit, {cart}""",
    "raw.epro__answers": """
        SELECT {t} AS questionnaire_id, {p} AS patient_id, DATE '2024-08-20' AS completed_date,
            'M6' AS visit, 'self' AS respondent,
            CASE WHEN i <= 12 THEN 'eq-5d-5l' WHEN i <= 18 THEN 'qlq-c30' ELSE 'pedsql-4.0' END
                AS instrument,
            CASE WHEN i <= 6 THEN 'mo' WHEN i <= 12 THEN 'vas' WHEN i <= 15 THEN 'q1'
                WHEN i <= 18 THEN 'q30' ELSE 'ph1' END AS item,
            CASE WHEN i <= 6 THEN '5' WHEN i <= 12 THEN '80' WHEN i <= 15 THEN '4'
                WHEN i <= 18 THEN '7' ELSE '0' END AS answer,
            NULL::VARCHAR AS not_completed_reason, {epro}""",
    "raw.historical_control__cohort": """
        SELECT {p} AS patient_id, DATE '1950-03-01' AS birth_month, '1' AS sex,
            'R-ICE' AS product_code, DATE '2015-01-05' AS salvage_start_date, 1 AS ecog, 2 AS ipi,
            250.5::DOUBLE AS ldh, DATE '2015-06-01' AS progression_date,
            if(i <= 10, '1', '0') AS vital_status,
            if(i <= 10, DATE '2016-01-01', NULL) AS death_date,
            DATE '2016-01-01' AS last_news_date, {control}""",
    "raw.omop__person": """
        SELECT {p} AS person_id, 8507 AS gender_concept_id, 1960 AS year_of_birth,
            3 AS month_of_birth, '1' AS care_site_id, 'M' AS gender_source_value, {omop}""",
    "raw.omop__drug_exposure": """
        SELECT {t} AS drug_exposure_id, {p} AS person_id, '2000000001' AS drug_concept_id,
            DATE '2024-02-20' AS drug_exposure_start_date,
            DATE '2024-02-20' AS drug_exposure_end_date, 'L01XL03' AS drug_source_value, {omop}""",
    "raw.omop__measurement": """
        SELECT CAST(i AS VARCHAR) AS measurement_id, {p} AS person_id,
            3000963 AS measurement_concept_id, DATE '2024-02-20' AS measurement_date,
            10.5::DOUBLE AS value_as_number, 'g/dL' AS unit_source_value, {omop}""",
    "raw.omop__death": """
        SELECT {p} AS person_id, DATE '2025-01-01' AS death_date, {omop}""",
    "raw.omop__observation_period": """
        SELECT CAST(i AS VARCHAR) AS observation_period_id, {p} AS person_id,
            DATE '2023-01-01' AS observation_period_start_date,
            DATE '2024-12-01' AS observation_period_end_date, {omop}""",
    "raw.trials__trials": """
        SELECT 'NCT990000' || lpad(CAST(i AS VARCHAR), 2, '0') AS trial_id, 'RECRUITING' AS status,
            DATE '2023-01-05' AS opening_date, DATE '2024-01-05' AS closing_date,
            30 AS planned_enrolment, 12 AS actual_enrolment, DATE '2026-06-01' AS updated_date,
            {trials}""",
    "raw.transplant_registry__patients": """
        SELECT {p} AS patient_id, DATE '1960-03-01' AS birth_month, '1' AS sex,
            DATE '2024-01-10' AS registration_date, {transplant}""",
    "raw.transplant_registry__follow_up": """
        SELECT {p} AS patient_id, {t} AS treatment_id, 'D100' AS period,
            DATE '2024-06-01' AS last_contact_date, '1' AS vital_status, NULL::DATE AS death_date,
            1 AS performance_status, 0 AS progression, 1 AS crs,
            DATE '2024-02-21' AS crs_onset_date,
            2 AS crs_grade, 0 AS icans, 1 AS icans_grade, 1 AS infection_1,
            DATE '2024-03-21' AS infection_1_onset_date, 3 AS infection_1_grade,
            2 AS infection_2_grade, 2 AS prolonged_cytopenia, 4 AS prolonged_cytopenia_grade,
            {transplant}""",
    "raw.pharmacy__orders": """
        SELECT {t} AS order_id, {p} AS patient_id, 'YESCARTA' AS product_code,
            DATE '2024-01-08' AS order_date, {pharmacy}""",
    "raw.pharmacy__batches": """
        SELECT {t} AS batch_id, {t} AS order_id, {t} AS identity_code,
            DATE '2024-02-12' AS receipt_date, 'CONFORME' AS batch_outcome,
            DATE '2024-02-13' AS release_date, DATE '2024-08-12' AS expiry_date, {pharmacy}""",
    "raw.pharmacy__dispensations": """
        SELECT {t} AS dispensation_id, {t} AS batch_id, {p} AS patient_id,
            DATE '2024-02-20' AS dispensation_date, {pharmacy}""",
    "raw.pmsi__stays": """
        SELECT {p} AS patient_id, {t} AS stay_id, DATE '2024-02-15' AS admission_date,
            DATE '2024-03-10' AS discharge_date, 8 AS exit_mode, '17M152' AS ghm,
            28000.0::DOUBLE AS cost_eur, {pmsi}""",
    "raw.pmsi__units": """
        SELECT {t} AS stay_id, 'REA' AS unit_type, 3 AS days, {pmsi}""",
    "raw.common_extract__patients": """
        SELECT {p} AS patient_id, 'M' AS sex, 2015 AS birth_year, 4 AS birth_month,
            '69' AS residence_department, if(i <= 10, 'dead', 'V') AS vital_status,
            if(i <= 10, DATE '2025-01-01', NULL) AS death_date, NULL::VARCHAR AS death_cause,
            DATE '2024-01-02' AS registration_date, DATE '2024-12-31' AS last_contact_date,
            {gene}""",
    "raw.common_extract__treatments": """
        SELECT {t} AS treatment_id, {p} AS patient_id, 'ZOLGENSMA' AS product_code,
            'sma' AS indication_code, 1 AS line, 'C02' AS centre_id,
            DATE '2024-01-02' AS decision_date, NULL::DATE AS order_date,
            DATE '2024-01-10' AS apheresis_date, DATE '2024-02-01' AS release_date,
            DATE '2024-02-20' AS infusion_date, NULL::VARCHAR AS not_infused_reason,
            NULL::VARCHAR AS batch_id, NULL::VARCHAR AS batch_outcome, 0 AS bridging, {gene}""",
    "raw.common_extract__events": """
        SELECT md5('event' || i) AS event_id, {p} AS patient_id, {t} AS treatment_id,
            'progression' AS event_type, DATE '2024-06-01' AS event_date, 3 AS grade,
            'CTCAE' AS grade_scale, 'a note' AS detail, {gene}""",
    "raw.common_extract__assessments": """
        SELECT {p} AS patient_id, {t} AS treatment_id, DATE '2024-06-01' AS assessment_date,
            'lugano' AS criteria, 'CR' AS response, {gene}""",
    "raw.common_extract__covariates": """
        SELECT {p} AS patient_id, {t} AS treatment_id, 'ecog' AS name, '1' AS value,
            DATE '2024-01-02' AS measured_date, {gene}""",
    "raw.common_extract__observations": """
        SELECT {p} AS patient_id, {t} AS treatment_id,
            TIMESTAMP '2024-02-21 08:00:00' AS observed_at,
            if(i <= 10, 'temperature', 'haemoglobin') AS code, if(i <= 10, '38.5', '11.2') AS value,
            if(i <= 10, 'Cel', 'g/dL') AS unit, {gene}""",
    "raw.common_extract__questionnaires": """
        SELECT {t} AS questionnaire_id, {p} AS patient_id, DATE '2024-08-20' AS completed_date,
            'M6' AS visit, 'parent' AS respondent, 'pedsql-4.0' AS instrument, 'ph1' AS item,
            '3' AS answer, NULL::VARCHAR AS not_completed_reason, {gene}""",
    "raw.common_extract__stays": """
        SELECT {p} AS patient_id, DATE '2024-02-18' AS admission_date,
            DATE '2024-03-10' AS discharge_date, '27Z03Z' AS ghm, 25000.0::DOUBLE AS cost_eur,
            2.0::DOUBLE AS icu_days, {gene}""",
    "marts.source": """
        SELECT 'cart_registry' AS source, 'A registry' AS title, 'apheresis' AS registers_from,
            DATE '2026-06-30' AS delivery_date, true AS synthetic WHERE i = 1""",
    "marts.patient": """
        SELECT 'cart_registry' AS source, {p} AS patient_id, 'F' AS sex, 1960 AS birth_year,
            3 AS birth_month, '75' AS residence_department,
            if(i <= 10, 'dead', 'alive') AS vital_status,
            if(i <= 10, DATE '2025-01-01', NULL) AS death_date,
            if(i <= 10, false, NULL) AS death_date_imputed,
            if(i <= 10, 'disease_progression', NULL) AS death_cause,
            DATE '2024-01-10' AS registration_date, DATE '2025-01-01' AS last_contact_date,
            false AS last_contact_imputed""",
    "marts.treatment": """
        SELECT 'cart_registry' AS source, {p} AS patient_id, {t} AS treatment_id,
            1 AS treatment_number, 'axicabtagene_ciloleucel' AS product,
            'YESCARTA' AS product_code, 'dlbcl' AS indication, 'LDGCB' AS indication_code,
            3 AS line, 'C01' AS centre_id, DATE '2024-01-05' AS decision_date,
            DATE '2024-01-08' AS order_date, DATE '2024-01-15' AS apheresis_date,
            DATE '2024-02-10' AS release_date, DATE '2024-02-20' AS infusion_date,
            NULL::VARCHAR AS not_infused_reason, 'B1' AS batch_id, 'released' AS batch_outcome,
            1 AS bridging, 36 AS vein_to_vein_days""",
    "marts.time_to_event": """
        SELECT 'cart_registry' AS source, {p} AS patient_id, {t} AS treatment_id,
            e.endpoint, 'infused' AS analysis_set, DATE '2024-02-20' AS start_date,
            DATE '2024-02-20' + e.days AS end_date, 0 AS entry_days, e.days AS time_days,
            e.event, e.cause, e.censoring_reason, false AS date_imputed
        FROM (VALUES
            ('overall_survival', 316, 1, 'death', NULL),
            ('progression_free_survival', 255, 1, 'progression', NULL),
            ('relapse', 255, 0, 'death', NULL),
            ('death_by_cause', 316, 1, 'disease_progression', NULL),
            ('second_malignancy', 316, 0, NULL, 'last_contact')
        ) AS e (endpoint, days, event, cause, censoring_reason)""",
    "marts.questionnaire_score": """
        SELECT 'cart_registry' AS source, {p} AS patient_id, {t} AS questionnaire_id,
            {t} AS treatment_id,
            CASE WHEN i <= 10 THEN 'eq-5d-5l' WHEN i <= 15 THEN 'qlq-c30' ELSE 'pedsql-4.0' END
                AS instrument,
            CASE WHEN i <= 5 THEN 'utility' WHEN i <= 10 THEN 'vas' WHEN i <= 15 THEN 'QL'
                ELSE 'total' END AS scale,
            'self' AS respondent, DATE '2024-08-20' AS completed_date,
            CASE WHEN i <= 5 THEN 0.85 ELSE 75.0 END::DOUBLE AS value""",
    "marts.covariate": """
        SELECT 'cart_registry' AS source, {p} AS patient_id, {t} AS treatment_id,
            CASE WHEN i <= 7 THEN 'ecog' WHEN i <= 14 THEN 'ipi' ELSE 'ldh_ratio' END AS name,
            '1' AS value_text, 1.0::DOUBLE AS value_number,
            DATE '2024-01-05' AS measured_date""",
}


def database(n: int = N) -> duckdb.DuckDBPyConnection:
    """A connection on an in-memory database with every table checks are declared for."""
    con = duckdb.connect(config=OFFLINE)
    con.execute("CREATE SCHEMA raw")
    con.execute("CREATE SCHEMA marts")
    names = {
        "p": "md5('patient' || i)",
        "t": "md5('treatment' || i)",
        "cart": LINEAGE.format(source="cart_registry"),
        "epro": LINEAGE.format(source="epro"),
        "control": LINEAGE.format(source="historical_control"),
        "omop": LINEAGE.format(source="omop"),
        "trials": LINEAGE.format(source="trials"),
        "transplant": LINEAGE.format(source="transplant_registry"),
        "pharmacy": LINEAGE.format(source="pharmacy"),
        "pmsi": LINEAGE.format(source="pmsi"),
        "gene": LINEAGE.format(source="gene_therapy_registry"),
    }
    for table, select in TABLES.items():
        body = select.format(**names)
        numbers = f"range(1, {n + 1}) AS numbers (i)"
        body = (
            body.replace("FROM (VALUES", f"FROM {numbers}, (VALUES")
            if "FROM (VALUES" in body
            else _from(body, numbers)
        )
        con.execute(f"CREATE TABLE {table} AS {body}")
    return con


def _from(body: str, numbers: str) -> str:
    head, where, tail = body.partition(" WHERE ")
    return f"{head} FROM {numbers}{where}{tail}"


def rows(first: int, last: int) -> str:
    """A WHERE condition that takes rows first to last of a delivered table."""
    return f"_row BETWEEN {first} AND {last}"


def patients(first: int, last: int) -> str:
    """A WHERE condition that takes the rows of patients first to last."""
    return f"patient_id IN (SELECT md5('patient' || i) FROM range({first}, {last + 1}) AS r (i))"


def spoil(con: duckdb.DuckDBPyConnection, table: str, change: str, *, where: str = "true") -> None:
    """UPDATE rows of a table, as in `spoil(con, "marts.patient", "birth_year = 1850")`."""
    con.execute(f"UPDATE {table} SET {change} WHERE {where}")


def empty(con: duckdb.DuckDBPyConnection, *tables: str) -> None:
    """Take every row out of the tables."""
    for table in tables:
        con.execute(f"DELETE FROM {table}")
