"""ADaM datasets as files: Parquet with labels, and SAS transport files of version 5.

Belongs here: variables.csv, types and labels on disk. Does not belong here: values.
"""

from __future__ import annotations

import csv
import functools
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

TITLES = {
    "ADSL": "Subject-Level Analysis Dataset",
    "ADTTE": "Time-to-Event Analysis Dataset",
    "ADQS": "Questionnaire Scores Analysis Dataset",
}
SAS_ORIGIN = pd.Timestamp(1960, 1, 1)
_TYPES = {"text": pa.string(), "number": pa.float64(), "date": pa.date32()}


@dataclass(frozen=True)
class Variable:
    """One variable of a dataset."""

    name: str
    type: str
    label: str


@functools.cache
def variables() -> dict[str, tuple[Variable, ...]]:
    """The variables of each dataset, in order."""
    read: dict[str, list[Variable]] = {}
    with (Path(__file__).parent / "variables.csv").open(encoding="utf-8", newline="") as handle:
        for row in csv.DictReader(handle):
            one = Variable(row["variable"], row["type"], row["label"])
            read.setdefault(row["dataset"], []).append(one)
    return {dataset: tuple(columns) for dataset, columns in read.items()}


def write(dataset: str, frame: pd.DataFrame, folder: Path) -> None:
    """Write <dataset>.parquet and <dataset>.xpt with the dataset's variables, in its order."""
    table = as_table(dataset, frame)
    pq.write_table(table, folder / f"{dataset.lower()}.parquet", compression="zstd")
    _write_transport(dataset, table, folder / f"{dataset.lower()}.xpt")


def as_table(dataset: str, frame: pd.DataFrame) -> pa.Table:
    """The frame as Arrow: typed, the label of each variable and of the dataset in the metadata."""
    columns = variables()[dataset]
    arrays = [
        pa.array(_of_type(frame[one.name], one.type), type=_TYPES[one.type], from_pandas=True)
        for one in columns
    ]
    schema = pa.schema(
        [pa.field(o.name, _TYPES[o.type], metadata={"label": o.label}) for o in columns],
        metadata={"dataset": dataset, "label": TITLES[dataset]},
    )
    return pa.Table.from_arrays(arrays, schema=schema)


def _of_type(values: pd.Series, kind: str) -> pd.Series:
    if kind == "number":
        return pd.to_numeric(values)
    if kind == "date":
        return pd.to_datetime(values).dt.date
    return values.astype("object").where(values.notna(), None)


def _write_transport(dataset: str, table: pa.Table, path: Path) -> None:
    """SAS has no NULL text: an empty cell is ''. A number or date that is missing is `.`.

    Dates are counted here, in days since 1960: a column of dates that holds none would be written
    as text.
    """
    import pyreadstat

    frame = table.to_pandas(date_as_object=False)
    for one in variables()[dataset]:
        if one.type == "text":
            frame[one.name] = frame[one.name].fillna("").astype(str)
        elif one.type == "date":
            days = (pd.to_datetime(frame[one.name]) - SAS_ORIGIN).dt.days
            frame[one.name] = days.astype("float64")
    pyreadstat.write_xport(
        frame,
        str(path),
        file_label=TITLES[dataset],
        column_labels=[one.label for one in variables()[dataset]],
        table_name=dataset,
        file_format_version=5,
        variable_format={o.name: "DATE9." for o in variables()[dataset] if o.type == "date"},
    )
