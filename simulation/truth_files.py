"""Files of the truth: plain data as JSON, frames as Parquet. What is true is not here."""

import json
from pathlib import Path

import numpy as np
import pandas as pd


def write_json(path: Path, content: object) -> None:
    """Plain data as indented JSON; numpy numbers as Python's."""
    text = json.dumps(content, indent=2, ensure_ascii=False, default=_plain)
    path.write_text(text + "\n", encoding="utf-8")


def _plain(value: object) -> object:
    if isinstance(value, np.generic):
        return value.item()
    raise TypeError(f"{type(value).__name__} has no JSON form")


def write_parquet(path: Path, frame: pd.DataFrame) -> None:
    """A frame as Parquet; columns named *_date are days."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    days = {c: frame[c].astype("datetime64[s]") for c in frame if c.endswith("_date")}
    table = pa.Table.from_pandas(frame.assign(**days), preserve_index=False)
    pq.write_table(table.replace_schema_metadata(None), path, compression="zstd")
