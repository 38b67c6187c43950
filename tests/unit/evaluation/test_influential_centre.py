"""A result that one centre has all to itself is the worst case of an influential centre.

One that moves by more than its standard error is in test_survival_options.py.
"""

from __future__ import annotations

from analyses.disclosure import SuppressionPolicy, suppress_results
from tests.lib.marts import Marts
from tests.lib.studies import evaluated, found


def test_a_centre_that_has_all_events_of_an_arm_is_the_most_influential_one() -> None:
    marts = Marts().source()
    for number in range(60):
        arm, centre = "ab"[number % 2], f"c{number // 2 % 3}"
        died = "death" if arm == "a" or (centre == "c1" and number < 40) else None
        marts.person(
            f"p{number:02d}", product=arm, centre_id=centre,
            outcomes={"overall_survival": (100 + number * 7 % 60, died)},
        )  # fmt: skip
    tables = evaluated(marts, stratify_by="product", endpoints=("overall_survival",)).tables
    told = found(tables, "influential_centre")
    assert told["status"].tolist() == ["warn"]
    assert told["value"].isna().all()
    said = "influential_centre: there is no log hazard ratio to estimate"
    assert told["diagnostic"].tolist() == [f"{said}, without centre c1"]
    public = suppress_results(tables, SuppressionPolicy())
    assert found(public, "influential_centre")["diagnostic"].tolist() == [said]


def test_a_centre_that_alone_was_followed_to_the_horizon_is_told() -> None:
    marts = Marts().source()
    for number in range(60):
        last = (800 if number % 3 == 1 else 300) + number
        died = "death" if number < 30 else None
        marts.person(
            f"p{number:02d}", centre_id=f"c{number % 3}",
            outcomes={"overall_survival": (50 + number if died else last, died)},
        )  # fmt: skip
    told = found(evaluated(marts, horizons_days=(365,)).tables, "influential_centre")
    assert told["status"].tolist() == ["warn"]
    assert told["value"].isna().all()
    what = "there is no survival at the last horizon to estimate, without centre c1"
    assert told["diagnostic"].tolist() == [f"influential_centre: {what}"]
