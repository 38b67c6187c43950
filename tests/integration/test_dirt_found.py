"""Every planted row of dirt of the first three sources is found, kind by kind, to the last one.

Found where it is dealt with: quarantine for what cannot be read, raw for what dbt takes out, the
marts for what is mapped, flagged or set aside.
"""

from __future__ import annotations

from typing import Any

from tests.lib.harmonised import Harmonised


def _copies(harmonised: Harmonised, table: str) -> Any:
    """Rows that are exact copies of another row of the same file or table."""
    columns = "* exclude (_file, _row)"
    return harmonised.number(
        f"select (select count(*) from raw.{table})"
        f" - (select count(*) from (select distinct {columns} from raw.{table}))"
    )


def _unmapped(harmonised: Harmonised, source: str, code_list: str) -> Any:
    return harmonised.number(
        "select coalesce(sum(n_rows), 0)::integer from marts.unmapped_code"
        f" where source = '{source}' and code_list = '{code_list}'"
    )


def test_the_cart_registry(harmonised: Harmonised) -> None:
    refused = harmonised.refused("cart_registry")
    distinct = "(select distinct * exclude (_file, _row) from raw.cart_registry__treatments)"
    found = {
        f"duplicate_rows.{table}": _copies(harmonised, f"cart_registry__{table}")
        for table in ("patients", "treatments", "follow_up", "surveillance")
    }
    found |= {
        "unreadable_date": refused.pop("type"),
        "absurd_date": harmonised.number(
            "select count(*) from raw.cart_registry__follow_up"
            " where year(visit_date) not between 2015 and 2026"
        ),
        "death_told_twice": harmonised.number(
            "select count(*) from marts.source_conflict where field = 'death_date'"
            " and source = 'cart_registry' and other_source = 'cart_registry'"
        ),
        "event_after_death": harmonised.number(
            "select count(*) from intermediate.int_event as e inner join marts.patient as p"
            " using (source, patient_id)"
            " where source = 'cart_registry' and e.event_date > p.death_date"
        ),
        "missing_unit": harmonised.number(
            f"select count(*) from {distinct} where ldh is not null and ldh_unit is null"
        ),
        "missing_value.ldh": harmonised.number(
            f"select count(*) from {distinct} where ldh is null"
        ),
        "missing_value.ecog": harmonised.number(
            f"select count(*) from {distinct} where ecog is null"
        ),
        "grade_differs_from_components": harmonised.number(
            "select count(*) from marts.toxicity_discordance"
            " where source = 'cart_registry' and agreement = 'derived_higher'"
        ),
    }
    for code_list in ("product_code", "response", "death_cause"):
        found[f"unknown_code.{code_list}"] = _unmapped(harmonised, "cart_registry", code_list)
    assert found == harmonised.dirt["cart_registry"]
    assert min(found.values()) >= 1
    assert refused == {}


def test_the_reported_outcomes(harmonised: Harmonised) -> None:
    refused = harmonised.refused("epro")
    forms = "select count(distinct questionnaire_id) from raw.epro__answers"
    found = {
        # A form sent twice has each of its rows twice.
        "duplicate_rows": harmonised.number(
            "select count(*) from (select questionnaire_id from raw.epro__answers"
            " group by questionnaire_id, item having count(*) > 1"
            " qualify row_number() over (partition by questionnaire_id) = 1)"
        ),
        "unreadable_line": sum(refused.values()),
        "unknown_code.instrument": harmonised.number(f"{forms} where instrument = 'qlq-x99'"),
        "answer_out_of_range": harmonised.number(f"{forms} where item = 'vas' and answer = '999'"),
        "form_after_death": harmonised.number(
            "select count(*) from marts.questionnaire_form as f"
            " where source = 'epro' and completed_date > (select min(death_date)"
            " from marts.patient as p where p.patient_id = f.patient_id)"
        ),
        "form_not_filled": harmonised.number(
            "select count(*) from marts.questionnaire_form"
            " where source = 'epro' and n_items_answered = 0 and not_completed_reason is not null"
        ),
    }
    assert found == harmonised.dirt["epro"]
    assert min(found.values()) >= 1
    scored = harmonised.number(
        "select count(*) from marts.questionnaire_score where source = 'epro' and value = 999"
    )
    assert scored == 0


def test_the_gene_therapy_registry(harmonised: Harmonised) -> None:
    source = "gene_therapy_registry"
    refused = harmonised.refused(source)
    distinct = f"(select distinct * exclude (_file, _row) from raw.{source}__observations)"
    found = {
        f"duplicate_rows.{table}": _copies(harmonised, f"{source}__{table}")
        for table in ("events", "observations")
    }
    found |= {
        "unreadable_date": refused.pop("type"),
        "absurd_date": harmonised.number(
            f"select count(*) from {distinct} where year(observed_at) < 1950"
        ),
        "missing_unit": harmonised.number(f"select count(*) from {distinct} where unit is null"),
        "unknown_code.event_type": _unmapped(harmonised, source, "event_type"),
        "event_after_death": harmonised.number(
            f"select count(*) from raw.{source}__events as e"
            f" inner join raw.{source}__patients as p using (patient_id)"
            " where e.event_date > p.death_date"
        ),
        "death_differs_between_registries": harmonised.number(
            "select count(*) from marts.source_conflict"
            f" where field = 'death_date' and other_source = '{source}'"
        ),
        "also_in_cart_registry": harmonised.number(
            "select count(*) from marts.patient as p inner join marts.patient as other"
            f" using (patient_id) where p.source = '{source}' and other.source = 'cart_registry'"
        ),
    }
    assert found == harmonised.dirt[source]
    assert refused == {}
