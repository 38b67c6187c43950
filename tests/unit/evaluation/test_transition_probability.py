"""The released transition probabilities of a course, worked by hand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from analyses.disclosure import SuppressionPolicy, suppress_results
from tests.lib.marts import Marts
from tests.lib.studies import evaluated, found

# Day of relapse, last day, whether dead by then.
PEOPLE = [
    (50, 150, True), (60, 300, False), (70, 250, True), (120, 300, False), (None, 90, True),
    (None, 300, False), (None, 300, False), (80, 300, False),
]  # fmt: skip
ASKED: dict[str, Any] = {
    "endpoints": ("overall_survival",), "multi_state": "illness_death",
}  # fmt: skip


def course() -> Marts:
    marts = Marts().source()
    for number, (relapse, last, died) in enumerate(PEOPLE):
        death = "death" if died else None
        first = (last, death) if relapse is None else (relapse, "relapse")
        marts.person(f"p{number}", outcomes={"overall_survival": (last, death), "relapse": first})
    return marts


@pytest.fixture(scope="module")
def tables() -> dict[str, pd.DataFrame]:
    return evaluated(course(), **ASKED, horizons_days=(100, 200, 400)).tables


def at(tables: dict[str, pd.DataFrame], day: int, horizon: int, state: str) -> pd.DataFrame:
    rows = tables["transition_probability"]
    rows = rows[(rows["from_days"] == day) & (rows["horizon_days"] == horizon)]
    return rows[rows["from_state"] == state].set_index("to_state")


def test_probabilities_between_two_days_worked_by_hand(tables: dict[str, pd.DataFrame]) -> None:
    assert found(tables, "analysis_failed").empty
    start = at(tables, 0, 100, "infusion")
    assert start["probability"].to_dict() == pytest.approx(
        {"infusion": 3 / 8, "relapse": 4 / 8, "death": 1 / 8}
    )
    assert set(start["n_at_risk"]) == {8}
    # On day 120 one of three relapses, on day 150 one of five in relapse dies.
    relapsed = at(tables, 100, 200, "relapse")
    assert relapsed["probability"].to_dict() == pytest.approx({"relapse": 4 / 5, "death": 1 / 5})
    assert set(relapsed["n_at_risk"]) == {4}
    assert relapsed["std_error"].tolist() == pytest.approx([np.sqrt(0.2 * 0.8 / 5)] * 2)
    assert (relapsed["ci_lower"] < relapsed["probability"]).all()
    assert (relapsed["ci_upper"] > relapsed["probability"]).all()
    well = at(tables, 100, 200, "infusion")
    assert well["probability"].to_dict() == pytest.approx(
        {"infusion": 2 / 3, "relapse": 1 / 3 * 4 / 5, "death": 1 / 3 * 1 / 5}
    )
    # What is reached from day 0 is what is reached by way of day 100.
    through = 3 / 8 * well["probability"]["death"] + 4 / 8 * 1 / 5 + 1 / 8
    assert at(tables, 0, 200, "infusion")["probability"]["death"] == pytest.approx(through)


def test_beyond_the_data_nothing_is_known_and_nobody_comes_back(
    tables: dict[str, pd.DataFrame],
) -> None:
    rows = tables["transition_probability"]
    late = rows[rows["horizon_days"] == 400]
    assert len(late)
    assert late[["probability", "std_error", "ci_lower", "ci_upper"]].isna().all().all()
    assert rows[rows["horizon_days"] < 400]["probability"].notna().all()
    assert "death" not in set(rows["from_state"])
    assert rows[(rows["from_state"] == "relapse") & (rows["to_state"] == "infusion")].empty
    assert set(rows.loc[rows["from_days"] == 0, "from_state"]) == {"infusion"}


def test_a_state_nobody_moves_from_is_stayed_in() -> None:
    tables = evaluated(course(), **ASKED, horizons_days=(260, 290)).tables
    stayed = at(tables, 260, 290, "relapse")
    assert stayed["probability"].to_dict() == {"relapse": 1.0, "death": 0.0}
    assert stayed["std_error"].tolist() == [0.0, 0.0]


def test_nobody_who_moves_stays_where_they_are() -> None:
    marts = Marts().source()
    for number in range(3):
        outcomes = {"overall_survival": (500, None), "relapse": (500, None)}
        marts.person(f"p{number}", entry_days=10 * number, outcomes=outcomes)
    tables = evaluated(marts, **ASKED, horizons_days=(100, 200)).tables
    assert found(tables, "analysis_failed").empty
    rows = tables["transition_probability"]
    stays = rows["from_state"] == rows["to_state"]
    assert rows.loc[stays, "probability"].tolist() == [1.0] * 3
    assert rows.loc[~stays, "probability"].tolist() == [0.0] * 6
    assert rows.loc[stays, "n_at_risk"].tolist() == [1, 1, 3]


def test_a_public_release_has_none(tables: dict[str, pd.DataFrame]) -> None:
    shown = suppress_results(tables, SuppressionPolicy())["transition_probability"]
    assert shown.empty
    assert list(shown.columns) == list(tables["transition_probability"].columns)
