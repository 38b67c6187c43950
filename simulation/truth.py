"""Writes <home>/truth: parameters, estimands, dirt, and every patient's true and observed values."""

import json
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd

from simulation.gene_therapy import Lives


def write_truth(
    folder: Path,
    known_cart: dict[date, pd.DataFrame],
    genes: Lives,
    dirt: dict[str, dict[str, dict[str, int]]],
    *,
    patients: int,
    seed: int,
) -> None:
    folder.mkdir(parents=True)
    (folder / "dirt.json").write_text(json.dumps(dirt, indent=2) + "\n", encoding="utf-8")
