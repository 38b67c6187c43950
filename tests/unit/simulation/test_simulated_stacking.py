"""Tables set one below the other keep their types, whichever of them has no rows."""

import pandas as pd
import pytest

from simulation.stacking import stacked

DATED = pd.DataFrame({"date": pd.to_datetime(["2025-01-01"]), "n": [1]})
NONE = pd.DataFrame({"date": [], "n": []}, dtype=object)


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("frames", [[DATED, NONE], [NONE, DATED], [NONE, DATED, NONE]])
def test_a_table_without_rows_has_no_say_in_the_types(frames: list[pd.DataFrame]) -> None:
    pd.testing.assert_frame_equal(stacked(frames), DATED)


def test_tables_without_rows_keep_their_columns() -> None:
    assert list(stacked([NONE, NONE]).columns) == ["date", "n"]
    assert len(stacked([NONE, NONE])) == 0
