"""A synthetic registry of any size in the common extract format, and its next delivery.

About 20 rows a patient, written by DuckDB straight to Parquet in a landing folder: the laws are
only as realistic as the speed of a build needs (numbers of rows, of codes, of events a person).
Everything follows from the number of the patient by `hash`, so a delivery is the same every time.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path

import duckdb

SOURCE = "bench"
FIRST, SECOND = date(2026, 1, 31), date(2026, 2, 28)
#: One patient in so many is told otherwise by the second delivery.
CHANGED_EVERY = 100

# `u(k)`: a uniform number of the patient `i` for the purpose k. `d(a, b)`: days after the infusion.
_MACROS = """
    CREATE MACRO u(i, k) AS (hash(i * 64 + k) % 1000003) / 1000003.0;
    CREATE MACRO one_of(words, i, k) AS words[1 + CAST(floor(u(i, k) * len(words)) AS INTEGER)];
"""
# Whoever changed has later news, one more event and a corrected line.
_PEOPLE = """
    CREATE TABLE people AS
    SELECT i, 'NAT-' || lpad(i::VARCHAR, 8, '0') AS patient_id,
        {second} AND i % {every} = 0 AS is_changed,
        DATE '2019-01-01' + CAST(floor(u(i, 1) * 2300) AS INTEGER) AS infusion_date,
        CAST(floor(-ln(1 - u(i, 2)) * 1100) AS INTEGER) AS death_day,
        CAST(floor(u(i, 3) * 2200) AS INTEGER) AS contact_day
    FROM range({patients}) AS numbers(i);
    CREATE TABLE followed AS
    SELECT *, least(infusion_date + contact_day, DATE '2026-01-15')
        + CASE WHEN is_changed THEN 20 ELSE 0 END AS contact_date,
        infusion_date + death_day AS death_date,
        infusion_date + death_day <= least(infusion_date + contact_day, DATE '2026-01-15')
            AS is_dead
    FROM people;
"""
_TABLES = {
    "patients": """
        SELECT patient_id, CASE WHEN u(i, 4) < .45 THEN 'F' ELSE 'M' END AS sex,
            (1935 + floor(u(i, 5) * 70))::INTEGER AS birth_year,
            (1 + floor(u(i, 6) * 12))::INTEGER AS birth_month,
            (10 + floor(u(i, 7) * 80))::INTEGER::VARCHAR AS residence_department,
            CASE WHEN is_dead THEN 'dead' ELSE 'alive' END AS vital_status,
            CASE WHEN is_dead THEN death_date END AS death_date,
            CASE WHEN is_dead THEN one_of(['disease_progression', 'infection', 'other'], i, 8) END
                AS death_cause,
            infusion_date - 40 AS registration_date,
            CASE WHEN is_dead THEN death_date ELSE contact_date END AS last_contact_date
        FROM followed""",
    "treatments": """
        SELECT 'T' || i || '-' || n AS treatment_id, patient_id,
            one_of(['tisagenlecleucel', 'axicabtagene_ciloleucel', 'L01XL04'], i, 9)
                AS product_code,
            one_of(['dlbcl', 'b_all', 'fl'], i, 10) AS indication_code,
            2 + n + is_changed::INTEGER AS line,
            'C' || floor(u(i, 11) * 40)::INTEGER AS centre_id,
            infusion_date - 60 + n * 400 AS decision_date,
            infusion_date - 50 + n * 400 AS order_date,
            infusion_date - 35 + n * 400 AS apheresis_date,
            infusion_date - 8 + n * 400 AS release_date,
            infusion_date + n * 400 AS infusion_date, NULL::VARCHAR AS not_infused_reason,
            'B' || i || n AS batch_id, 'released' AS batch_outcome,
            (u(i, 12) < .6)::INTEGER AS bridging
        FROM followed, unnest([0, 1]) AS numbers(n)
        WHERE n = 0 OR (u(i, 13) < .05 AND contact_day > 400)""",
    "events": """
        SELECT 'E' || i || '-' || n AS event_id, patient_id, 'T' || i || '-0' AS treatment_id,
            ['crs', 'icans', 'infection', 'progression', 'next_treatment'][1 + n] AS event_type,
            least(infusion_date
                + CAST([2, 5, 30, 60, 80][1 + n] * (1 + 5 * u(i, 20 + n)) AS INTEGER),
                contact_date) AS event_date,
            CASE WHEN n < 3 THEN 1 + CAST(floor(u(i, 30 + n) * 4) AS INTEGER) END AS grade,
            CASE WHEN n < 2 THEN 'ASTCT 2019' WHEN n = 2 THEN 'CTCAE 5' END AS grade_scale,
            NULL::VARCHAR AS detail
        FROM followed, unnest([0, 1, 2, 3, 4]) AS numbers(n)
        WHERE u(i, 40 + n) < .6 OR (is_changed AND n = 2)""",
    "assessments": """
        SELECT patient_id, 'T' || i || '-0' AS treatment_id,
            infusion_date + [30, 91, 182][1 + n] AS assessment_date, 'lugano' AS criteria,
            one_of(['CR', 'PR', 'SD', 'PD'], i, 45 + n) AS response
        FROM followed, unnest([0, 1, 2]) AS numbers(n)
        WHERE infusion_date + [30, 91, 182][1 + n] <= contact_date""",
    "covariates": """
        SELECT patient_id, 'T' || i || '-0' AS treatment_id,
            ['ecog', 'ldh_ratio', 'bulky'][1 + n] AS name,
            CASE n WHEN 1 THEN round(.5 + 3 * u(i, 50), 2)::VARCHAR
                ELSE floor(u(i, 51 + n) * (3 - n))::INTEGER::VARCHAR END AS value,
            infusion_date - 6 AS measured_date
        FROM followed, unnest([0, 1, 2]) AS numbers(n)""",
    "observations": """
        SELECT patient_id, 'T' || i || '-0' AS treatment_id,
            (infusion_date + CAST(1 + n AS INTEGER))::TIMESTAMP + to_hours(8) AS observed_at,
            ['temperature', 'ice', 'haemoglobin'][1 + n] AS code,
            [round(36 + 4 * u(i, 55), 1), floor(u(i, 56) * 11), round(7 + 7 * u(i, 57), 1)]
                [1 + n]::VARCHAR AS value,
            ['Cel', NULL, 'g/dL'][1 + n] AS unit
        FROM followed, unnest([0, 1, 2]) AS numbers(n)""",
    "questionnaires": """
        SELECT 'Q' || i AS questionnaire_id, patient_id,
            least(infusion_date + 91, contact_date) AS completed_date,
            'M3' AS visit, 'self' AS respondent,
            'eq-5d-5l' AS instrument, ['mo', 'sc', 'ua', 'pd', 'ad', 'vas'][1 + n] AS item,
            CASE WHEN n < 5 THEN 1 + floor(u(i, 58 + n) * 5)::INTEGER
                ELSE floor(u(i, 63) * 101)::INTEGER END::VARCHAR AS answer,
            NULL::VARCHAR AS not_completed_reason
        FROM followed, unnest([0, 1, 2, 3, 4, 5]) AS numbers(n) WHERE u(i, 14) < .8""",
    "stays": """
        SELECT patient_id, infusion_date - 5 AS admission_date,
            infusion_date + CAST(5 + floor(u(i, 15) * 20) AS INTEGER) AS discharge_date,
            '27Z03Z' AS ghm, round(20000 + 60000 * u(i, 16), 2) AS cost_eur,
            floor(u(i, 17) * 4) AS icu_days
        FROM followed""",
}


def deliver(landing: Path, patients: int, *, second: bool, changed_only: bool = False) -> int:
    """Write one delivery, the later one if `second`, of everybody or of those who changed only; the
    number of its rows."""
    folder = landing / SOURCE / (SECOND if second else FIRST).isoformat()
    folder.mkdir(parents=True, exist_ok=True)
    with duckdb.connect() as con:
        con.execute(_MACROS)
        con.execute(_PEOPLE.format(second=second, every=CHANGED_EVERY, patients=patients))
        if changed_only:
            con.execute("DELETE FROM followed WHERE NOT is_changed")
        rows = 0
        for table, query in _TABLES.items():
            path = folder / f"{table}.parquet"
            con.execute(f"COPY ({query}) TO '{path}' (FORMAT parquet, COMPRESSION zstd)")
            rows += con.execute(f"SELECT count(*) FROM read_parquet('{path}')").fetchall()[0][0]
    return rows
