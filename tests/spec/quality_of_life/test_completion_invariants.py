"""Whatever people do and whatever forms come: the numbers add up, and no form is lost."""

from __future__ import annotations

import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from analyses.quality_of_life import find_instrument
from analyses.quality_of_life.completion import completion
from analyses.quality_of_life.evaluation import instrument_at_visits
from analyses.quality_of_life.inputs import people_of
from analyses.quality_of_life.item_completion import item_completion
from analyses.quality_of_life.visits import DEFAULT_VISITS
from tests.lib.quality_of_life_frames import cohort, forms, scores

DAYS = st.one_of(st.none(), st.integers(-120, 1400))
PERSON = st.fixed_dictionaries(
    {
        "stratum": st.sampled_from("xy"),
        "age": st.one_of(st.none(), st.sampled_from([0.5, 10, 17.9, 18, 50])),
        "death": st.one_of(st.none(), st.integers(0, 1300)),
        "end": st.one_of(st.none(), st.integers(0, 1300)),
        "cutoff": st.integers(0, 1500),
    }
)
FORM = st.fixed_dictionaries(
    {
        "patient": st.integers(0, 5),
        "day": DAYS,
        "visit": st.sampled_from(["", "M3", "baseline", "M99"]),
        "n": st.integers(0, 6),
        "unusable": st.integers(0, 1),
        "reason": st.sampled_from(["", "too_ill", "refused"]),
        "scored": st.booleans(),
    }
)


def _text(rows: list[dict[str, object]], columns: tuple[str, ...]) -> str:
    lines = [" | ".join(columns)]
    lines += [
        " | ".join("" if row[name] is None else str(row[name]) for name in columns) for row in rows
    ]
    return "\n".join(lines)


@given(
    st.lists(PERSON, min_size=1, max_size=5),
    st.lists(FORM, max_size=12),
    st.sets(st.sampled_from([visit.name for visit in DEFAULT_VISITS])),
)
@settings(max_examples=80, deadline=None)
def test_numbers_add_up_and_every_form_is_used_or_set_aside(people, told, not_asked):
    named = [{**person, "patient": number} for number, person in enumerate(people)]
    for person in named:
        # A person is followed until a death.
        person["end"] = None if person["death"] is not None else person["end"]
    frame = cohort(_text(named, ("patient", "stratum", "age", "death", "end", "cutoff")))
    told = [form for form in told if form["patient"] < len(people)]
    delivered = forms(_text(told, ("patient", "day", "visit", "n", "unusable", "reason")))
    values = scores(
        delivered, vas=[50.0 if form["scored"] and form["n"] else None for form in told]
    )
    instrument = find_instrument("eq-5d-5l")
    one = instrument_at_visits(
        instrument, people_of(frame), delivered, values, not_asked=tuple(not_asked)
    )

    received = sum(form["n"] + form["unusable"] > 0 for form in told)
    forms_aside = sum(n for why, n in one.set_aside.items() if why.startswith("forms_"))
    assert len(one.forms) + forms_aside == received

    found = completion(one.grid)
    assert (found["n_completed"] <= found["n_expected"]).all()
    assert (found["n_expected"] <= found["n_fixed"]).all()
    for (stratum, _), visit in found.groupby(["stratum", "visit"]):
        whole = visit[visit["reason"].isna()].iloc[0]
        reasons = visit[visit["reason"].notna()]
        assert whole["n_fixed"] == (frame["stratum"] == stratum).sum()
        for number in ("n_fixed", "n_expected"):
            assert whole[number] == whole["n_completed"] + reasons[number].sum()
        by_design = reasons["reason"].isin(
            ["death", "visit_after_cutoff", "follow_up_ended", "not_for_this_age",
             "not_asked_at_visit"]
        )  # fmt: skip
        assert (reasons.loc[by_design, "n_expected"] == 0).all()
        assert (reasons.loc[~by_design, "n_expected"] == reasons.loc[~by_design, "n_fixed"]).all()
    items: pd.DataFrame = item_completion(one)
    if len(items):
        assert items["items_answered"].between(0, 1).all()
        assert (items["n_complete"] <= items["n_forms"]).all()
        assert items["n_forms"].sum() == len(one.forms)
