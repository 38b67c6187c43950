"""On the EBMT registry table the estimates equal R's: `tests/data/ebmt/`, made by `ebmt.R`."""

from __future__ import annotations

from datetime import date

import pandas as pd
import pytest

from tests.lib.ebmt import GOLDEN, cohort, ebmt4, prepare_module, six_states
from tests.lib.parity import Method, compare
from tests.lib.parity_ebmt import EBMT_METHODS

CASES = [(method, case) for method in EBMT_METHODS for case in method.cases]


def golden(name: str) -> pd.DataFrame:
    return pd.read_csv(GOLDEN / f"{name}.csv")


@pytest.mark.parametrize(("method", "case"), CASES, ids=lambda x: getattr(x, "name", x))
def test_every_number_equals_that_of_r(method: Method, case: str) -> None:
    compare(method, case).check()


def test_every_golden_row_is_compared() -> None:
    """Numbers of people and of events, and numbers of moves, have tests of their own."""
    rows = {
        file: sum(
            len(method.theirs(case))
            for method, case in CASES
            if file == method.golden.format(case=case.removeprefix("ebmt4_"))
        )
        for file in ("summary", "cox", "cox_zph", "courses", "six_states")
    }
    counted = golden("summary")["statistic"].isin(["n", "n_event"]).sum()
    moved = golden("six_states")["what"].str.startswith("moves ").sum()
    assert rows == {
        "summary": len(golden("summary")) - counted,
        "cox": len(golden("cox")) + len(golden("cox_most_frequent")),
        "cox_zph": 2 * len(golden("cox_zph")),
        "courses": len(golden("courses")),
        "six_states": len(golden("six_states")) - moved,
    }


def test_the_delivery_is_whole_and_ends_before_its_date() -> None:
    delivered = prepare_module().extract(ebmt4())
    patients = delivered["patients"]
    assert len(patients) == patients["patient_id"].nunique() == 2279
    assert (patients["last_contact_date"].dt.date < date(2010, 1, 31)).all()
    assert (delivered["events"]["event_date"] <= pd.Timestamp("2010-01-31")).all()
    assert len(delivered["covariates"]) == 4 * 2279


def test_people_and_events_are_as_many_as_r_counts() -> None:
    every = golden("summary")
    every = every[every["statistic"].isin(["n", "n_event"])]
    rows = every.set_index(["endpoint", "statistic"])["value"]
    people = cohort()
    for endpoint, events in (
        ("overall_survival", people["died"]),
        ("progression_free_survival", people["cause"] > 0),
    ):
        assert rows[endpoint, "n"] == len(people)
        assert rows[endpoint, "n_event"] == events.sum()


def test_moves_among_the_six_states() -> None:
    """Golden: `six_states.csv`, made by `six_states.R`. The numbers of moves are also those that
    de Wreede, Fiocco and Putter print (J Stat Softw 2011, section 4), but for deaths after relapse,
    which end their observation."""
    every = golden("six_states")
    moves = every[every["what"].str.startswith("moves ")]
    counted = six_states(ebmt4()).dropna(subset="to").groupby(["from", "to"]).size()
    expected = {(r.what.removeprefix("moves "), r.state): r.value for r in moves.itertuples()}
    assert counted.to_dict() == expected
    assert counted["transplanted", "recovered"] == 785
    assert counted["transplanted", "adverse_event"] == 907
    assert counted["both", "relapsed"] == 107
