"""Writes <home>/truth: estimands, parameters, dirt, and each patient's true and observed values."""

import datetime as dt
import json
from pathlib import Path

import numpy as np
import pandas as pd

from simulation.cart import dirt as cart_dirt
from simulation.cart import truth as cart_truth
from simulation.cart.observed import observed
from simulation.epro.files import KINDS as EPRO_KINDS
from simulation.gene_therapy import Lives
from simulation.gene_therapy.files import KINDS as GENE_THERAPY_KINDS
from simulation.gene_therapy.parameters import GENE_THERAPY
from simulation.planting import Ledger

_README = """Truth of the simulated deliveries. Nothing here is an input of the pipeline.

dirt.json                    what was planted: definition and count by delivery, source and kind
dirt_rows.parquet            the same, one row a planted row: delivery, source, kind, patient
cart_registry.json           parameters, conditional effects, counterfactual curves, responses,
                             mean utilities of the CAR-T cohort
cart_registry/<date>.parquet what a perfect reader of that delivery finds for each treatment
quality_of_life.parquet      true EQ-5D-5L utility of each CAR-T patient of the epro source at each
                             visit lived to see, and whether the form was missing
gene_therapy_registry.json   parameters of the gene therapy registry
gene_therapy_registry.parquet  its patients with their whole true lives
"""


def write_truth(
    folder: Path,
    known_cart: dict[dt.date, pd.DataFrame],
    genes: Lives,
    utility: pd.DataFrame,
    dirt: dict[dt.date, dict[str, Ledger]],
) -> None:
    """Writes the files named in the README it leaves there."""
    (folder / "cart_registry").mkdir(parents=True)
    (folder / "README.txt").write_text(_README, encoding="utf-8")
    _json(folder / "dirt.json", _dirt(known_cart, dirt))
    _parquet(folder / "dirt_rows.parquet", _rows(dirt))
    _json(folder / "cart_registry.json", cart_truth())
    _json(folder / "gene_therapy_registry.json", {"parameters": GENE_THERAPY.as_dict()})
    _parquet(folder / "quality_of_life.parquet", utility)
    for day, known in known_cart.items():
        _parquet(folder / "cart_registry" / f"{day.isoformat()}.parquet", observed(known))
    _parquet(folder / "gene_therapy_registry.parquet", genes.patients)


def _dirt(
    known_cart: dict[dt.date, pd.DataFrame], dirt: dict[dt.date, dict[str, Ledger]]
) -> dict[str, object]:
    counts = {
        day.isoformat(): {source: ledger.counts for source, ledger in ledgers.items()}
        for day, ledgers in dirt.items()
    }
    return {
        "definitions": {
            "cart_registry": cart_dirt.KINDS,
            "epro": EPRO_KINDS,
            "gene_therapy_registry": GENE_THERAPY_KINDS,
        },
        "header_renamed": {
            "table": "follow_up",
            "from": "DATE_EVAL",
            "to": "DATE_EVALUATION",
            "deliveries": [d.isoformat() for d in known_cart if d >= dt.date(2026, 1, 1)],
        },
        "counts": counts,
    }


def _rows(dirt: dict[dt.date, dict[str, Ledger]]) -> pd.DataFrame:
    return pd.concat(
        [
            ledger.frame().assign(delivery=day.isoformat(), source=source)
            for day, ledgers in dirt.items()
            for source, ledger in ledgers.items()
        ],
        ignore_index=True,
    )[["delivery", "source", "kind", "national_number"]]


def _json(path: Path, content: object) -> None:
    text = json.dumps(content, indent=2, ensure_ascii=False, default=_plain)
    path.write_text(text + "\n", encoding="utf-8")


def _plain(value: object) -> object:
    """Numpy numbers as Python's."""
    if isinstance(value, np.generic):
        return value.item()
    raise TypeError(f"{type(value).__name__} has no JSON form")


def _parquet(path: Path, frame: pd.DataFrame) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    days = {c: frame[c].astype("datetime64[s]") for c in frame if c.endswith("_date")}
    table = pa.Table.from_pandas(frame.assign(**days), preserve_index=False)
    pq.write_table(table.replace_schema_metadata(None), path, compression="zstd")
