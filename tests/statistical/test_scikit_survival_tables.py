"""The tables kept in `tests/data/scikit_survival/` are those in the wheel pip downloads."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
from lifelines.datasets import load_gbsg2

from tests.lib.scikit_survival import PACKAGE, in_wheel, kept, tables


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Only read: scikit-survival is not installed."""
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps"]
    command += ["--only-binary", ":all:", "--dest", str(folder), PACKAGE]
    subprocess.run(command, check=True, capture_output=True)
    return next(folder.glob("*.whl"))


def test_the_kept_tables_are_those_of_the_wheel(wheel: Path) -> None:
    made = tables(wheel)
    assert {name: len(table) for name, table in made.items()} == {
        "whas500": 500,
        "veteran": 137,
        "actg320": 1151,
        "cgvhd": 100,
        "bmt": 35,
        "flchain": 7874,
    }
    for name, table in made.items():
        pd.testing.assert_frame_equal(kept(name), table, obj=name)


def test_the_first_events_are_as_many_as_were_published(wheel: Path) -> None:
    """Scrucca et al. 2007: 9 deaths, 15 relapses of 35. Pintilie 2006: 86, 5 and 5 of 100."""
    made = tables(wheel)
    assert made["bmt"]["cause"].value_counts().to_dict() == {0: 11, 1: 9, 2: 15}
    assert made["cgvhd"]["cause"].value_counts().to_dict() == {0: 4, 1: 86, 2: 5, 3: 5}


def test_the_breast_cancer_table_is_that_of_lifelines(wheel: Path) -> None:
    """So `gbsg2`, which the tests take from lifelines, stands for both."""
    theirs = in_wheel(wheel, "gbsg2").astype({"cens": "int64"})
    pd.testing.assert_frame_equal(theirs, load_gbsg2(), check_dtype=False)
