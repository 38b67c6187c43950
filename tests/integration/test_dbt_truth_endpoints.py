"""Endpoint by endpoint, the harmonised clocks are those of the true lives, treatment by treatment.

Compared is every endpoint that a source tells, on every patient who is unambiguously known once the
planted dirt is resolved as documented; the others are counted, and the count is the truth's.
"""

from __future__ import annotations

import pandas as pd
import pytest

from simulation.cart.observed import ENDPOINTS as OF_CART
from simulation.gene_therapy.observed import ENDPOINTS as OF_GENES
from simulation.historical.table import ENDPOINTS as OF_HISTORY
from simulation.transplant.files import ENDPOINTS as OF_TRANSPLANT
from tests.lib.harmonised import Harmonised

CART, GENES, HISTORY = "cart_registry", "gene_therapy_registry", "historical_control"
TRANSPLANT = "transplant_registry"
TOLD = {CART: OF_CART, GENES: OF_GENES, HISTORY: OF_HISTORY, TRANSPLANT: OF_TRANSPLANT}
KEY = ["treatment_id", "analysis_set"]
VALUES = ["days", "event", "cause", "reason"]
RESPONSE = {"time_to_response", "duration_of_response"}


@pytest.fixture(scope="module")
def clocks(harmonised: Harmonised) -> dict[str, tuple[pd.DataFrame, pd.DataFrame]]:
    """source -> (the true clocks, those of the marts), each with the released treatment_id."""
    return {one: (true_clocks(harmonised, one), found_clocks(harmonised, one)) for one in TOLD}


def true_clocks(harmonised: Harmonised, source: str) -> pd.DataFrame:
    truth = harmonised.truth(f"{source}_endpoints")
    kind = "patient" if source == HISTORY else "treatment"
    delivered = truth["key"] + ("-1" if source == TRANSPLANT else "")
    number = {one: harmonised.key.pseudonym(source, kind, one) for one in delivered.unique()}
    return truth.assign(treatment_id=delivered.map(number))


def found_clocks(harmonised: Harmonised, source: str) -> pd.DataFrame:
    return harmonised.con.execute(
        """
        select treatment_id, patient_id, analysis_set, endpoint, time_days as days, event,
            coalesce(cause, '') as cause, coalesce(censoring_reason, '') as reason
        from marts.time_to_event where source = ?
        """,
        [source],
    ).df()


def patients_of(harmonised: Harmonised, sql: str) -> set[str]:
    return {patient for (patient,) in harmonised.con.execute(sql).fetchall()}


def dirty(harmonised: Harmonised, source: str, *kinds: str) -> set[str]:
    """Patients of whom a kind of dirt leaves no way to the truth."""
    rows = pd.read_parquet(harmonised.home / "truth" / "dirt_rows.parquet")
    last = rows["delivery"] == rows["delivery"].max()
    rows = rows[last & (rows["source"] == source) & rows["kind"].isin(kinds)]
    numbers = rows["national_number"].drop_duplicates()
    return set(harmonised.pseudonyms("national_patient_number", "patient", numbers))


def in_two_sources(harmonised: Harmonised, one: str, other: str) -> set[str]:
    return patients_of(
        harmonised,
        f"select patient_id from marts.patient where source = '{one}' intersect"
        f" select patient_id from marts.patient where source = '{other}'",
    )


def left_out(harmonised: Harmonised, source: str, endpoint: str) -> set[str]:
    """Patients whose endpoint this source's truth does not tell: another source tells of it too, in
    its own way, or the delivered value cannot be read."""
    if source == CART and endpoint in RESPONSE:
        # The other registry assesses the response at visits of its own.
        return in_two_sources(harmonised, CART, TRANSPLANT)
    if source == CART and endpoint == "death_by_cause":
        return dirty(harmonised, CART, "unknown_code.death_cause")
    if source == TRANSPLANT and endpoint == "infection":
        # The hospital's warehouse tells infections, too.
        return in_two_sources(harmonised, TRANSPLANT, "omop")
    if source == GENES:
        shared = in_two_sources(harmonised, GENES, CART)
        assert len(shared) == harmonised.dirt[GENES]["also_in_cart_registry"]
        if endpoint in ("first_bleed", "transfusion_independence"):
            # An event of a type nobody knows may have been one of these.
            shared |= dirty(harmonised, GENES, "unknown_code.event_type")
        if endpoint == "motor_function_improvement":
            # A reading without its day is no reading.
            shared |= dirty(harmonised, GENES, "unreadable_date", "absurd_date")
        return shared
    return set()


@pytest.mark.parametrize(
    ("source", "endpoint"), [(source, one) for source, told in TOLD.items() for one in told]
)
def test_every_clock_is_the_true_one(
    harmonised: Harmonised,
    clocks: dict[str, tuple[pd.DataFrame, pd.DataFrame]],
    source: str,
    endpoint: str,
):
    true, found = (frame[frame["endpoint"] == endpoint] for frame in clocks[source])
    apart = found["patient_id"].isin(left_out(harmonised, source, endpoint))
    both = true.merge(found[~apart], on=KEY, how="outer", suffixes=("", "_found"), indicator="side")
    # Who is left out is in the truth, and in nobody else's place.
    untold = both.loc[both["side"] == "left_only", "treatment_id"]
    assert set(untold) <= set(found.loc[apart, "treatment_id"])
    assert not (both["side"] == "right_only").any()
    both = both[both["side"] == "both"]
    for value in VALUES:
        unequal = both[value] != both[f"{value}_found"]
        assert not unequal.any(), f"{value}: {both[unequal].to_dict('records')[:3]}"
    assert both["event"].sum() >= 3
    assert len(both) == len(found) - apart.sum()
    assert len(both) > 50


def test_the_annualised_rate_of_bleeds_is_the_true_one(harmonised: Harmonised):
    true = harmonised.truth(f"{GENES}_bleeds")
    true["treatment_id"] = harmonised.pseudonyms(GENES, "treatment", true["key"])
    found = harmonised.con.execute(
        "select * from marts.annualised_rate where source = ? and event_type = 'bleed'", [GENES]
    ).df()
    apart = found["patient_id"].isin(left_out(harmonised, GENES, "first_bleed"))
    both = true.merge(found[~apart], on="treatment_id")
    assert both["n_events"].tolist() == both["bleeds"].tolist()
    assert both["days_observed"].tolist() == both["days"].tolist()
    rate = both["bleeds"] / both["days"] * 365.25
    assert (rate - both["rate_per_year"]).abs().max() < 1e-9
    assert both["bleeds"].sum() > 100


@pytest.mark.parametrize("other", [TRANSPLANT, "omop"])
def test_two_sources_of_one_infusion_have_one_clock(harmonised: Harmonised, other: str):
    """What is of the person is the same in both, however little the other source knows."""
    endpoints = [
        "overall_survival", "progression_free_survival", "event_free_survival", "relapse",
        "non_relapse_mortality", "death_by_cause", "time_to_next_treatment", "infection",
        "second_malignancy",
    ]  # fmt: skip
    differing, compared = harmonised.con.execute(
        """
        select count(*) filter ((o.time_days, o.event, o.cause) is distinct from
            (c.time_days, c.event, c.cause)), count(*)
        from marts.time_to_event as o
        inner join marts.time_to_event as c using (patient_id, endpoint, analysis_set, start_date)
        where o.source = ? and c.source = 'cart_registry' and endpoint in (select unnest(?))
        """,
        [other, endpoints],
    ).fetchone() or (1, 0)
    assert differing == 0
    assert compared > 100 * len(endpoints)


def test_the_ambiguous_are_counted_as_the_truth_counts_them(harmonised: Harmonised):
    true = harmonised.truth(TRANSPLANT)["link"].value_counts()
    found = harmonised.con.execute(
        "select verdict, count(distinct delivered_patient_id) from marts.person_link"
        f" where source = '{TRANSPLANT}' group by verdict"
    ).fetchall()
    assert dict(found) == true.drop(["none", "fields_differ"]).to_dict()
    assert true["ambiguous"] > 0
