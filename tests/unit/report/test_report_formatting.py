"""Numbers and words of the report."""

import numpy as np
import pandas as pd
import pytest

from analyses.report import formatting as fmt
from analyses.report import labels


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (0.0, "<0.001"),
        (0.00099, "<0.001"),
        (0.001, "0.001"),
        (0.0312, "0.031"),
        (0.0999, "0.100"),
        (0.1, "0.10"),
        (0.994, ">0.99"),
        (None, "not estimable"),
        (float("nan"), "not estimable"),
    ],
)
def test_p_value(value, shown):
    assert fmt.p_value(value) == shown


@pytest.mark.parametrize("null", [None, np.nan, pd.NA, pd.NaT])
def test_every_kind_of_null_is_missing(null):
    assert fmt.missing(null)
    assert fmt.months(null) == "not reached"
    assert fmt.percent(null) == "not estimable"
    assert fmt.count(null) == "\u2013"


def test_number_groups_thousands_and_has_a_true_minus():
    assert fmt.count(38210) == "38\u202f210"
    assert fmt.number(-1.25, 1) in ("\u22121.2", "\u22121.3")
    assert fmt.number(-0.0004, 2) == "0.00"


def test_limits_say_which_side_is_not_reached():
    assert fmt.with_limits("19.6", "16.0", "not reached") == "19.6 (16.0 to not reached)"
    assert fmt.with_limits("not reached", "16.0", "not reached") == (
        "not reached (16.0 to not reached)"
    )
    assert fmt.with_limits("not reached", "not reached", "not reached") == "not reached"
    assert fmt.with_limits("5.0", "not estimable", "not estimable") == "5.0"


@pytest.mark.parametrize(
    ("days", "shown"),
    [
        (30, "30 days"),
        (182, "6 months"),
        (365, "12 months"),
        (730, "24 months"),
        (100, "3.3 months"),
    ],
)
def test_horizons_are_said_as_readers_say_them(days, shown):
    assert fmt.day_label(days) == shown


@pytest.mark.parametrize(
    ("code", "shown"),
    [
        ("axicabtagene_ciloleucel", "Axicabtagene ciloleucel"),
        ("covariate:ecog", "ECOG performance status"),
        ("overall", "All patients"),
        ("<b>x</b>", "<b>x</b>"),
        ("18-39", "18-39"),
    ],
)
def test_identifiers_become_words_and_other_texts_stay(code, shown):
    assert labels.words(code) == shown


def test_terms_name_level_and_reference():
    shown = labels.term("product=tisagenlecleucel", "axicabtagene_ciloleucel")
    assert shown == "Product: Tisagenlecleucel (vs Axicabtagene ciloleucel)"
    assert labels.term("age") == "Age (years)"


def test_endpoints_come_from_the_endpoint_dictionary():
    assert labels.endpoint("overall_survival") == "Overall survival"
    assert labels.definition("overall_survival").startswith("Event: death")
    assert labels.endpoint("never_heard_of") == "Never heard of"
    assert labels.origin("infused", "duration_of_response") == "first response"
    assert labels.origin("intention_to_treat") == "apheresis"
