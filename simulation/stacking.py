"""Tables set one below the other."""

from collections.abc import Sequence

import pandas as pd


def stacked(frames: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """The rows of all frames. One without rows has no say in the types of the columns: pandas is
    about to let it have one, which would turn dates into objects."""
    filled = [frame for frame in frames if len(frame)]
    return pd.concat(filled) if filled else frames[0]
