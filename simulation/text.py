"""Columns of text to files, vectorised: delimited text, NDJSON fragments, Parquet of strings.

The same arrays give the same bytes; nothing here knows what a column means.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd


def integers(values: np.ndarray) -> np.ndarray:
    """Whole numbers as text; empty text where the value is not finite."""
    numbers = np.asarray(values, dtype=float)
    known = np.isfinite(numbers)
    out = np.where(known, numbers, 0.0).astype(np.int64).astype(str).astype(object)
    out[~known] = ""
    return np.asarray(out)


def decimals(values: np.ndarray, *, mark: str = ".") -> np.ndarray:
    """Numbers to one decimal as text; empty text where the value is not finite."""
    numbers = np.asarray(values, dtype=float)
    known = np.isfinite(numbers)
    tenths = np.round(np.where(known, numbers, 0.0) * 10.0).astype(np.int64)
    whole, rest = np.divmod(np.abs(tenths), 10)
    sign = np.where(tenths < 0, "-", "").astype(object)
    out = sign + whole.astype(str).astype(object) + mark + rest.astype(str).astype(object)
    out[~known] = ""
    return np.asarray(out)


def numbered(prefix: str, numbers: np.ndarray, width: int) -> np.ndarray:
    """`prefix` and zero-padded numbers."""
    if not len(numbers):
        return np.empty(0, dtype=object)
    padded = np.char.zfill(np.asarray(numbers, dtype=np.int64).astype(str), width)
    return np.asarray(prefix + padded.astype(object))


def joined(columns: Sequence[np.ndarray | str], separator: str = "") -> list[str]:
    """One text a row, the columns joined; a plain text stands for a constant column."""
    import pyarrow as pa
    import pyarrow.compute as pc

    arrays = [c if isinstance(c, str) else pa.array(c, type=pa.large_string()) for c in columns]
    scalars = [pa.scalar(a, type=pa.large_string()) if isinstance(a, str) else a for a in arrays]
    out = pc.binary_join_element_wise(*scalars, pa.scalar(separator, type=pa.large_string()))
    return list(out.to_pylist())


def write_delimited(path: Path, frame: pd.DataFrame, *, delimiter: str, encoding: str) -> None:
    """Writes a frame of texts with a header row; no value may hold the delimiter or a quote."""
    lines = joined([frame[name].to_numpy() for name in frame.columns], delimiter)
    text = "\r\n".join([delimiter.join(frame.columns), *lines, ""])
    path.write_bytes(text.encode(encoding))


def write_fixed(
    path: Path, frame: pd.DataFrame, *, widths: Mapping[str, int], encoding: str
) -> None:
    """Writes a frame of texts as lines without delimiters: columns in the order of `widths`,
    padded with blanks. No value may be longer than its column."""
    cells = [frame[name].astype(str).str.ljust(width) for name, width in widths.items()]
    lines = joined([cell.to_numpy() for cell in cells])
    path.write_bytes("".join(f"{line}\r\n" for line in lines).encode(encoding))


def write_parquet(path: Path, columns: Mapping[str, np.ndarray]) -> None:
    """Writes texts as a Parquet file of strings; empty text becomes null."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    arrays = {
        name: pa.array([value if value else None for value in values], type=pa.string())
        for name, values in columns.items()
    }
    pq.write_table(pa.table(arrays), path, compression="zstd", store_schema=False)
