"""Endpoint by endpoint, the harmonised clocks are those of the true lives, treatment by treatment.

Compared is every endpoint that a source tells, on every patient who is unambiguously known once the
planted dirt is resolved as documented; the others are counted, and the count is the truth's. Of a
person whom two sources tell of, the truth is what both tell together.
"""

from __future__ import annotations

import pandas as pd
import pytest

from simulation.cart.observed import ENDPOINTS as OF_CART
from simulation.gene_therapy.observed import ENDPOINTS as OF_GENES
from simulation.historical.table import ENDPOINTS as OF_HISTORY
from simulation.populations import OF_OWN_CELLS, STEPS
from simulation.transplant.files import ENDPOINTS as OF_TRANSPLANT
from tests.lib.dbt_project import PROJECT
from tests.lib.harmonised import Harmonised

CART, GENES, HISTORY = "cart_registry", "gene_therapy_registry", "historical_control"
TRANSPLANT = "transplant_registry"
TOLD = {CART: OF_CART, GENES: OF_GENES, HISTORY: OF_HISTORY, TRANSPLANT: OF_TRANSPLANT}
KEY = ["treatment_id", "analysis_set"]
VALUES = ["days", "event", "cause", "reason", "entry_days", "date_imputed"]
#: What of a source's planted dirt leaves no way to the truth of an endpoint, of those it touches.
LEFT_OUT = {
    # An event of a type nobody knows may have been one of these.
    (GENES, "first_bleed"): ("unknown_code.event_type",),
    (GENES, "transfusion_independence"): ("unknown_code.event_type",),
    # A reading without its day is no reading.
    (GENES, "motor_function_improvement"): ("unreadable_date", "absurd_date"),
}
#: Chemotherapy is no product of one's own cells.
NOT_TAKEN = {HISTORY: set(OF_OWN_CELLS)}


@pytest.fixture(scope="module")
def clocks(harmonised: Harmonised) -> dict[str, tuple[pd.DataFrame, pd.DataFrame]]:
    """source -> (the true clocks, those of the marts), each with the released treatment_id."""
    return {one: (true_clocks(harmonised, one), found_clocks(harmonised, one)) for one in TOLD}


def true_clocks(harmonised: Harmonised, source: str) -> pd.DataFrame:
    return with_treatment_ids(harmonised, source, harmonised.truth(f"{source}_endpoints"))


def with_treatment_ids(harmonised: Harmonised, source: str, truth: pd.DataFrame) -> pd.DataFrame:
    kind = "patient" if source == HISTORY else "treatment"
    delivered = truth["key"] + ("-1" if source == TRANSPLANT else "")
    number = {one: harmonised.key.pseudonym(source, kind, one) for one in delivered.unique()}
    return truth.assign(treatment_id=delivered.map(number))


def found_clocks(harmonised: Harmonised, source: str) -> pd.DataFrame:
    return harmonised.con.execute(
        """
        select treatment_id, patient_id, analysis_set, endpoint, time_days as days, event,
            coalesce(cause, '') as cause, coalesce(censoring_reason, '') as reason,
            entry_days, date_imputed
        from marts.time_to_event where source = ?
        """,
        [source],
    ).df()


def left_out(harmonised: Harmonised, source: str, endpoint: str) -> set[str]:
    """Patients whose endpoint the truth does not tell: what is delivered of it cannot be read."""
    return touched(harmonised, source, LEFT_OUT.get((source, endpoint), ()))


def touched(harmonised: Harmonised, source: str, kinds: tuple[str, ...]) -> set[str]:
    """Patients of whom the last delivery holds a kind of dirt, as many rows as the truth counts."""
    rows = pd.read_parquet(harmonised.home / "truth" / "dirt_rows.parquet")
    last = rows["delivery"] == rows["delivery"].max()
    rows = rows[last & (rows["source"] == source) & rows["kind"].isin(kinds)]
    assert len(rows) == sum(harmonised.dirt[source][kind] for kind in kinds)
    numbers = rows["national_number"].drop_duplicates()
    if source == HISTORY:
        numbers = numbers.str.replace("SYN", "H")
        return set(harmonised.pseudonyms(HISTORY, "patient", numbers))
    return set(harmonised.pseudonyms("national_patient_number", "patient", numbers))


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


def test_no_endpoint_is_without_a_truth():
    dictionary = pd.read_csv(PROJECT / "seeds" / "endpoints.csv")
    assert {one for told in TOLD.values() for one in told} == set(dictionary["endpoint"])


def test_the_page_says_who_is_left_out():
    page = (PROJECT.parent / "docs" / "endpoints.md").read_text(encoding="utf-8")
    section = page.partition("## Held against a known truth")[2].partition("\n## ")[0]
    lines = [line for line in section.splitlines() if line.startswith("| `")]
    assert sorted(lines) == sorted(
        f"| `{source}` | `{endpoint}` | {', '.join(f'`{kind}`' for kind in kinds)} |"
        for (source, endpoint), kinds in LEFT_OUT.items()
    )


def test_late_registrations_and_deaths_without_a_date_are_compared(
    clocks: dict[str, tuple[pd.DataFrame, pd.DataFrame]],
):
    late, undated = clocks[GENES][0], clocks[HISTORY][0]
    by_set = late[late["entry_days"] > 0].groupby("analysis_set")["treatment_id"].nunique()
    assert set(by_set.index) == {"decision", "intention_to_treat", "infused"}
    assert by_set.min() >= 5
    assert undated.loc[undated["date_imputed"], "treatment_id"].nunique() >= 3


def test_the_ambiguous_are_counted_as_the_truth_counts_them(harmonised: Harmonised):
    true = harmonised.truth(TRANSPLANT)["link"].value_counts()
    found = harmonised.con.execute(
        "select verdict, count(distinct delivered_patient_id) from marts.person_link"
        f" where source = '{TRANSPLANT}' group by verdict"
    ).fetchall()
    assert dict(found) == true.drop(["none", "fields_differ"]).to_dict()
    assert true["ambiguous"] > 0


@pytest.mark.parametrize("source", TOLD)
def test_every_population_holds_the_treatments_it_truly_holds(harmonised: Harmonised, source: str):
    true = with_treatment_ids(harmonised, source, harmonised.truth(f"{source}_populations"))
    found = harmonised.con.execute(
        "select treatment_id, patient_id, population, reached_date from marts.population"
        " where source = ?",
        [source],
    ).df()
    # A product in no code list may be of the person's own cells, and counts as one that is.
    unknown = touched(harmonised, source, ("unknown_code.product_code",) * (source == HISTORY))
    odd = found["patient_id"].isin(unknown) & found["population"].isin(OF_OWN_CELLS)
    assert odd.sum() == len(OF_OWN_CELLS) * len(unknown)
    both = true.merge(found[~odd], on=["treatment_id", "population"], how="outer", indicator="side")
    assert (both["side"] == "both").all()
    reached = [
        pd.to_datetime(both[f"reached_date_{side}"]).astype("datetime64[s]") for side in "xy"
    ]
    assert reached[0].equals(reached[1])
    assert reached[0].notna().sum() > 100
    count = both["population"].value_counts()
    assert list(count.index.sort_values()) == sorted(set(STEPS) - NOT_TAKEN.get(source, set()))
    assert source not in (CART, GENES) or count["discussed"] > count["infused"]
