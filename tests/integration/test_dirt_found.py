"""Every planted row of dirt of the first three sources is found, kind by kind, to the last one.

Found by what a user is shown: quarantine for what cannot be read, the checks of raw and of dbt, and
the marts for what is mapped, flagged or set aside. The table is in docs/guides/deliveries.md.
"""

from __future__ import annotations

from tests.lib.harmonised import Harmonised


def test_the_cart_registry(harmonised: Harmonised) -> None:
    source = "cart_registry"
    refused = harmonised.refused(source)
    checked = harmonised.checked
    visits, treatments = f"{source}__follow_up", f"{source}__treatments"
    found = {
        f"duplicate_rows.{table}": harmonised.copies(f"{source}__{table}")
        for table in ("patients", "treatments", "follow_up", "surveillance")
    }
    found |= {
        "unreadable_date": refused.pop("type"),
        "absurd_date": checked[visits, "visit_not_before_infusion"]
        + checked[visits, "visit_date_not_after_delivery"],
        "death_told_twice": harmonised.conflicts("death_date", source),
        "event_after_death": harmonised.warned["assert_no_event_after_death"]
        - sum(harmonised.dirt[other]["event_after_death"] for other in OTHERS),
        "missing_unit": checked[treatments, "ldh_has_unit"],
        "missing_value.ldh": checked[treatments, "ldh_given"],
        "missing_value.ecog": checked[treatments, "ecog_given"],
        "grade_differs_from_components": harmonised.number(
            "select count(*) from marts.toxicity_discordance"
            " where source = 'cart_registry' and agreement = 'derived_higher'"
        ),
    }
    for code_list in ("product_code", "response", "death_cause"):
        found[f"unknown_code.{code_list}"] = harmonised.unmapped(source, code_list)
    assert found == harmonised.dirt[source]
    assert min(found.values()) >= 1
    assert refused == {}


OTHERS = ("gene_therapy_registry", "historical_control")  # their own are found by their own checks


def test_the_reported_outcomes(harmonised: Harmonised) -> None:
    refused = harmonised.refused("epro")
    forms = "select count(*) from marts.questionnaire_form where source = 'epro'"
    found = {
        "duplicate_rows": harmonised.checked["epro__answers", "forms_told_once"],
        "unreadable_line": sum(refused.values()),
        "unknown_code.instrument": harmonised.number(
            f"{forms} and instrument in (select code from marts.unmapped_code"
            " where source = 'epro' and code_list = 'instrument')"
        ),
        "answer_out_of_range": harmonised.checked["epro__answers", "eq_vas_range"],
        "form_after_death": harmonised.warned["assert_no_form_is_completed_after_death"],
        "form_not_filled": harmonised.number(
            f"{forms} and n_items_answered = 0 and not_completed_reason is not null"
        ),
    }
    assert found == harmonised.dirt["epro"]
    assert min(found.values()) >= 1
    answered = harmonised.warned["assert_every_answer_is_one_its_item_has"]
    assert answered == found["answer_out_of_range"]
    scored = harmonised.number(
        "select count(*) from marts.questionnaire_score where source = 'epro' and value = 999"
    )
    assert scored == 0


def test_the_gene_therapy_registry(harmonised: Harmonised) -> None:
    """The only source of this home in the common extract format: its checks are of its rows."""
    source = "gene_therapy_registry"
    refused = harmonised.refused(source)
    checked = harmonised.checked
    found = {
        f"duplicate_rows.{table}": harmonised.copies(f"common_extract__{table}")
        for table in ("events", "observations")
    }
    found |= {
        "unreadable_date": refused.pop("type"),
        "absurd_date": checked["common_extract__observations", "observed_not_before_birth"],
        "missing_unit": harmonised.number(
            f"select n_missing from marts.quality_scorecard where source = '{source}'"
            " and table_name = 'observations' and column_name = 'unit'"
        ),
        "unknown_code.event_type": harmonised.unmapped(source, "event_type"),
        "event_after_death": checked["common_extract__events", "event_not_after_death"],
        "death_differs_between_registries": harmonised.conflicts("death_date", source),
        "also_in_cart_registry": harmonised.number(
            "select n_compared from marts.source_agreement where field = 'sex'"
            f" and source_a = 'cart_registry' and source_b = '{source}'"
        ),
    }
    assert found == harmonised.dirt[source]
    assert refused == {}
