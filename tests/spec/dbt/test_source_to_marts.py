"""From delivered rows to the marts: the CAR-T registry's forms, electronic questionnaires, codes,
copies and disagreeing sources, all in one run of dbt. Expectations are written out by hand.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tests.lib.dbt_project import run_dbt
from tests.lib.raw_database import NO_DOWNLOADS, Rows, create_raw_database

CART: dict[str, Any] = {"_source": "cart_registry"}
EPRO: dict[str, Any] = {"_source": "epro"}
RARE: dict[str, Any] = {"_source": "rare_registry"}

# A dead responder told over three forms: one comes twice, one dates the death anew.
LATE_FORM = {"treatment_id": "t1", "patient_id": "p1", "vital_status": "D"} | CART

RAW: dict[str, Rows] = {
    "source_registry": [
        {"source": name, "title": name, "registers_from": step, "delivery_date": "2026-01-01"}
        for name, step in (
            ("cart_registry", "apheresis"),
            ("epro", "infusion"),
            ("rare_registry", "infusion"),
        )
    ],
    "code_map": [
        {
            "source": "cart_registry",
            "code_list": "death_cause",
            "code": "PROG",
            "mapped_code": "disease_progression",
        },
        {
            "source": "rare_registry",
            "code_list": "product_code",
            "code": "gt-1",
            "mapped_code": "Zolgensma",
        },
    ],
    "cart_registry__patients": [
        CART | {"patient_id": "p1", "sex": "1", "birth_month": "1960-05-01"},
        CART | {"patient_id": "p1", "sex": "1", "birth_month": "1960-05-01"},
        CART | {"patient_id": "p2", "sex": "F", "birth_month": "1950-01-01"},
    ],
    "cart_registry__treatments": [
        CART
        | {
            "patient_id": "p1",
            "treatment_id": "t1",
            "product_code": "YESCARTA",
            "indication_code": "LDGCB",
            "apheresis_date": "2025-01-01",
            "infusion_date": "2025-02-01",
            "bridging": "O",
            "ecog": 1,
            "ldh": 496.0,
            "ldh_upper_limit": 248.0,
            "bulky": "N",
        },
        CART
        | {
            "patient_id": "p2",
            "treatment_id": "t2",
            "product_code": "cartx 09",
            "indication_code": "ldgcb",
            "apheresis_date": "2025-01-01",
            "not_infused_reason": "DECES",
        },
        CART | {"patient_id": "p3", "treatment_id": "t3", "product_code": "CARTX-09"},
    ],
    "cart_registry__follow_up": [
        CART
        | {
            "patient_id": "p1",
            "treatment_id": "t1",
            "period": "M1",
            "vital_status": "V",
            "last_news_date": "2025-03-01",
            "assessment_date": "2025-03-01",
            "response": "RC",
            "crs_grade": 3,
            "crs_date": "2025-02-03",
        },
        LATE_FORM
        | {
            "period": "M3",
            "last_news_date": "2025-06-01",
            "death_date": "2025-06-01",
            "death_cause": "PROG",
            "crs_grade": 3,
            "crs_date": "2025-02-03",
            "progression": "O",
            "progression_date": "2025-05-01",
        },
        LATE_FORM | {"period": "M6", "last_news_date": "2025-06-11", "death_date": "2025-06-11"},
        LATE_FORM | {"period": "M6", "last_news_date": "2025-06-11", "death_date": "2025-06-11"},
        CART
        | {
            "patient_id": "p2",
            "treatment_id": "t2",
            "period": "M1",
            "vital_status": "V",
            "visit_date": "2025-02-10",
        },
    ],
    "common_extract__patients": [
        # The CAR-T patient p1, whom this registry believes alive long after.
        RARE
        | {
            "patient_id": "p1",
            "sex": "F",
            "birth_year": 1961,
            "vital_status": "alive",
            "last_contact_date": "2025-09-01",
        },
        RARE | {"patient_id": "p9", "sex": "X", "vital_status": "alive"},
        # What an earlier delivery believed, corrected since.
        RARE
        | {
            "patient_id": "p9",
            "vital_status": "dead",
            "death_date": "2025-01-05",
            "_delivery": "2025-02-01",
        },
    ],
    "common_extract__assessments": [
        RARE
        | {
            "patient_id": "p9",
            "assessment_date": "2025-01-08",
            "criteria": "imwg",
            "response": response,
            "_delivery": delivery,
        }
        for response, delivery in (("PD", "2025-02-01"), ("VGPR", "2026-01-01"))
    ],
    "common_extract__treatments": [
        RARE
        | {
            "patient_id": "p9",
            "treatment_id": "t9",
            "product_code": "GT-1",
            "indication_code": "G12.0",
            "infusion_date": "2025-01-01",
        },
    ],
    "common_extract__covariates": [
        RARE | {"patient_id": "p9", "name": "SMN2 copies", "value": "2"},
        RARE | {"patient_id": "p9", "name": "trial_id", "value": "NCT00000000"},
    ],
    "common_extract__stays": [
        RARE
        | {
            "patient_id": "p9",
            "admission_date": "2024-12-30",
            "discharge_date": "2025-01-09",
            "ghm": "27Z03",
            "cost_eur": 1000.5,
            "icu_days": 1.0,
        },
    ],
    "epro__answers": [
        *(
            EPRO
            | {
                "patient_id": "p1",
                "questionnaire_id": "f1",
                "completed_date": "2025-03-01",
                "instrument": "eq-5d-5l",
                "respondent": "patient",
                "item": item,
                "answer": "2",
            }
            for item in ("mo", "sc", "ua", "pd", "ad", "ad")
        ),
        EPRO
        | {
            "patient_id": "p1",
            "questionnaire_id": "f2",
            "completed_date": "2025-05-01",
            "instrument": "eq-5d-5l",
            "not_completed_reason": "too ill",
        },
        EPRO
        | {
            "patient_id": "p1",
            "questionnaire_id": "f3",
            "completed_date": "2025-05-01",
            "instrument": "home-made",
            "item": "a",
            "answer": "5",
        },
        # One item answered in two ways, one in two writings of one number, one in words.
        *(
            EPRO
            | {
                "patient_id": "p1",
                "questionnaire_id": form,
                "completed_date": "2025-06-01",
                "instrument": "eq-5d-5l",
                "item": item,
                "answer": answer,
            }
            for form, item, answer in (
                *(("f4", item, "2") for item in ("mo", "sc", "ua", "pd", "ad")),
                ("f4", "mo", "2.0"),
                ("f5", "mo", "3"),
                *(("f5", item, "2") for item in ("mo", "sc", "ua", "pd", "ad")),
                ("f5", "vas", "80"),
                *(("f6", item, "2") for item in ("mo", "sc", "ua", "pd")),
                ("f6", "ad", "rather bad"),
                ("f6", "vas", "70"),
            )
        ),
    ],
}


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    folder: Path = tmp_path_factory.mktemp("sources")
    database = create_raw_database(folder / "build.duckdb", RAW)
    run_dbt(database, "build", "--exclude", "resource_type:unit_test")
    with duckdb.connect(str(database), read_only=True, config=dict(NO_DOWNLOADS)) as con:
        yield con


def rows(con: duckdb.DuckDBPyConnection, sql: str) -> list[tuple[Any, ...]]:
    return con.execute(sql).fetchall()


def test_a_person_is_one_row_per_source_and_a_death_is_everybodys(
    built: duckdb.DuckDBPyConnection,
):
    found = rows(
        built,
        """
        select source, patient_id, sex, birth_year, birth_month, vital_status, death_date,
            death_cause, last_contact_date
        from marts.patient order by source, patient_id
        """,
    )
    died, cause = dt.date(2025, 6, 1), "disease_progression"
    assert found == [
        ("cart_registry", "p1", "M", 1960, 5, "dead", died, cause, died),
        ("cart_registry", "p2", "F", 1950, 1, "alive", None, None, dt.date(2025, 2, 10)),
        ("cart_registry", "p3", "U", None, None, "unknown", None, None, None),
        ("rare_registry", "p1", "F", 1961, None, "dead", died, cause, died),
        ("rare_registry", "p9", "U", None, None, "alive", None, None, dt.date(2025, 1, 9)),
    ]


def test_codes_are_mapped_and_unknown_ones_keep_their_name(built: duckdb.DuckDBPyConnection):
    found = rows(
        built,
        """
        select treatment_id, product, product_code, indication, not_infused_reason, bridging,
            vein_to_vein_days
        from marts.treatment order by treatment_id
        """,
    )
    assert found == [
        ("t1", "axicabtagene_ciloleucel", "YESCARTA", "dlbcl", None, 1, 31),
        ("t2", "cartx 09", "cartx 09", "dlbcl", "death", None, None),
        ("t3", "CARTX-09", "CARTX-09", None, None, None, None),
        ("t9", "onasemnogene_abeparvovec", "GT-1", "sma", None, None, None),
    ]


def test_unmapped_codes_are_counted_once_for_every_spelling(built: duckdb.DuckDBPyConnection):
    assert rows(built, "from marts.unmapped_code order by all") == [
        ("cart_registry", "product_code", "CARTX-09", 2),
        ("epro", "instrument", "home-made", 1),
        ("rare_registry", "sex", "X", 1),
    ]


def test_a_toxicity_told_by_two_forms_is_one(built: duckdb.DuckDBPyConnection):
    found = rows(
        built,
        "select treatment_id, event_type, grade, grade_scale, days_from_infusion"
        " from marts.toxicity",
    )
    assert found == [("t1", "crs", 3, "astct_2019", 2)]


def test_disagreements_are_kept_with_both_values(built: duckdb.DuckDBPyConnection):
    found = rows(
        built,
        "select field, source, value, other_source, other_value from marts.source_conflict"
        " where patient_id = 'p1' order by all",
    )
    cart, rare = "cart_registry", "rare_registry"
    assert found == [
        ("birth_year", cart, "1960", rare, "1961"),
        ("death_date", cart, "2025-06-01", cart, "2025-06-11"),
        ("sex", cart, "M", rare, "F"),
        ("vital_status", cart, "dead", rare, "alive"),
    ]


def test_sources_are_compared_field_by_field(built: duckdb.DuckDBPyConnection):
    cart, rare = "cart_registry", "rare_registry"
    assert rows(built, "from marts.source_agreement order by all") == [
        ("birth_year", cart, rare, 1, 0, 0.0),
        ("sex", cart, rare, 1, 0, 0.0),
        ("vital_status", cart, rare, 1, 0, 0.0),
    ]


def test_the_scorecard_counts_rows_and_empty_cells_as_delivered(
    built: duckdb.DuckDBPyConnection,
):
    found = rows(
        built,
        """
        select source, delivery_date, column_name, n_rows, n_missing, share_missing
        from marts.quality_scorecard
        where table_name = 'patients' and column_name in ('sex', 'birth_year')
        order by all
        """,
    )
    cart, rare = "cart_registry", "rare_registry"
    early, late = dt.date(2025, 2, 1), dt.date(2026, 1, 1)
    assert found == [
        (cart, late, "birth_year", 3, 0, 0.0),
        (cart, late, "sex", 3, 0, 0.0),
        (rare, early, "birth_year", 1, 1, 1.0),
        (rare, early, "sex", 1, 1, 1.0),
        (rare, late, "birth_year", 2, 1, 0.5),
        (rare, late, "sex", 2, 0, 0.0),
    ]
    tables = rows(built, "select distinct table_name from marts.quality_scorecard order by 1")
    assert tables == [
        ("assessments",),
        ("covariates",),
        ("events",),
        ("patients",),
        ("questionnaires",),
        ("stays",),
        ("treatments",),
    ]


def test_the_clock_of_the_registry_is_read_from_its_forms(built: duckdb.DuckDBPyConnection):
    found = rows(
        built,
        """
        select endpoint, analysis_set, time_days, event, cause from marts.time_to_event
        where treatment_id = 't1' and endpoint in
            ('overall_survival', 'progression_free_survival', 'time_to_response', 'crs_grade_3')
        order by all
        """,
    )
    assert found == [
        ("crs_grade_3", "infused", 2, 1, "crs_grade_3"),
        ("crs_grade_3", "intention_to_treat", 33, 1, "crs_grade_3"),
        ("overall_survival", "infused", 120, 1, "death"),
        ("overall_survival", "intention_to_treat", 151, 1, "death"),
        ("progression_free_survival", "infused", 89, 1, "progression"),
        ("progression_free_survival", "intention_to_treat", 120, 1, "progression"),
        ("time_to_response", "infused", 28, 1, "time_to_response"),
        ("time_to_response", "intention_to_treat", 59, 1, "time_to_response"),
    ]


def test_a_later_delivery_replaces_what_an_earlier_one_told(built: duckdb.DuckDBPyConnection):
    found = rows(
        built,
        """
        select endpoint, time_days, event, cause, censoring_reason from marts.time_to_event
        where treatment_id = 't9' and endpoint in
            ('overall_survival', 'progression_free_survival', 'time_to_response')
        order by all
        """,
    )
    assert found == [
        ("overall_survival", 8, 0, None, "last_contact"),
        ("progression_free_survival", 8, 0, None, "last_contact"),
        ("time_to_response", 7, 1, "time_to_response", None),
    ]


def test_forms_and_scores_belong_to_the_treatment_another_source_tells(
    built: duckdb.DuckDBPyConnection,
):
    forms = rows(
        built,
        "select questionnaire_id, treatment_id, respondent, n_items_answered, not_completed_reason"
        " from marts.questionnaire_form order by all",
    )
    assert forms == [
        ("f1", "t1", "self", 5, None),
        ("f2", "t1", None, 0, "too ill"),
        ("f3", "t1", None, 1, None),
        ("f4", "t1", None, 5, None),
        ("f5", "t1", None, 5, None),
        ("f6", "t1", None, 5, None),
    ]
    scores = rows(
        built,
        "select questionnaire_id, treatment_id, scale, value from marts.questionnaire_score"
        " order by all",
    )
    # 22222 in the French value set (Andrade et al. 2020): 0.85028. A conflicting or unreadable
    # answer leaves the utility of f5 and f6 missing, and their VAS as it is.
    # By the crosswalk to the three levels (van Hout et al. 2012): 0.410.
    utility = pytest.approx(0.85028, abs=1e-12)
    assert scores == [
        ("f1", "t1", "utility", utility),
        ("f1", "t1", "utility_crosswalk", 0.41),
        ("f4", "t1", "utility", utility),
        ("f4", "t1", "utility_crosswalk", 0.41),
        ("f5", "t1", "vas", 80.0),
        ("f6", "t1", "vas", 70.0),
    ]


def test_covariates_are_long_and_numbers_where_they_are_numbers(
    built: duckdb.DuckDBPyConnection,
):
    found = rows(
        built,
        "select patient_id, treatment_id, name, value_text, value_number from marts.covariate"
        " order by all",
    )
    assert found == [
        ("p1", "t1", "bulky", "0", 0.0),
        ("p1", "t1", "ecog", "1", 1.0),
        ("p1", "t1", "ldh_ratio", "2.0", 2.0),
        ("p9", None, "smn2_copies", "2", 2.0),
        ("p9", None, "trial_id", "NCT00000000", None),
    ]


def test_the_pathway_its_stays_and_its_trials(built: duckdb.DuckDBPyConnection):
    steps = rows(
        built,
        "select treatment_id, step, days_since_previous_step from marts.care_pathway"
        " order by treatment_id, step_number",
    )
    assert steps == [
        ("t1", "apheresis", None),
        ("t1", "infusion", 31),
        ("t2", "apheresis", None),
        ("t9", "infusion", None),
    ]
    stays = rows(
        built,
        "select treatment_id, length_of_stay_days, days_from_infusion, cost_eur"
        " from marts.resource_use",
    )
    assert stays == [("t9", 10, -2, 1000.5)]
    assert rows(built, "select patient_id, trial_id from marts.trial_participation") == [
        ("p9", "NCT00000000")
    ]


def test_the_file_explains_itself(built: duckdb.DuckDBPyConnection):
    bare = rows(
        built,
        """
        select table_name, null from duckdb_tables() where schema_name = 'marts' and comment is null
        union all
        select table_name, column_name from duckdb_columns()
        where schema_name = 'marts' and comment is null
        """,
    )
    assert bare == []
