"""Public tables that come with scikit-survival, kept in `tests/data/scikit_survival/`.

scikit-survival itself is not needed: its wheel is read, not installed.
`python -m tests.lib.scikit_survival WHEEL` writes the kept tables again.
"""

from __future__ import annotations

import io
import sys
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.io import arff

PACKAGE = "scikit-survival==0.28.0"
FOLDER = Path(__file__).parents[1] / "data" / "scikit_survival"
MEMBERS = {
    "whas500": "whas500.arff",
    "veteran": "veteran.arff",
    "actg320": "actg320.arff",
    "cgvhd": "cgvhd.arff",
    "bmt": "bmt.arff",
    "flchain": "flchain.arff",
    "gbsg2": "GBSG2.arff",
}


def kept(name: str) -> pd.DataFrame:
    """A table of the folder."""
    return pd.read_csv(file_of(name))


def file_of(name: str) -> Path:
    """The largest is compressed."""
    return FOLDER / (f"{name}.csv.gz" if name == "flchain" else f"{name}.csv")


def in_wheel(wheel: Path, name: str) -> pd.DataFrame:
    """A table as the wheel has it; categories as text."""
    with zipfile.ZipFile(wheel) as archive:
        content = archive.read(f"sksurv/datasets/data/{MEMBERS[name]}").decode()
    rows, _ = arff.loadarff(io.StringIO(content))
    frame = pd.DataFrame(rows)
    texts = [name for name in frame if frame[name].dtype == object]
    return frame.assign(**{name: frame[name].str.decode("utf-8") for name in texts})


def tables(wheel: Path) -> dict[str, pd.DataFrame]:
    """What is kept of every table, under the names the project's methods take."""
    return {
        "whas500": _numbers(
            in_wheel(wheel, "whas500").rename(columns={"lenfol": "time", "fstat": "event"}),
            ["time", "event", "age", "gender", "bmi", "chf", "sho", "mitype"],
        ),
        "veteran": _veteran(in_wheel(wheel, "veteran")),
        "actg320": _numbers(
            in_wheel(wheel, "actg320").rename(columns={"censor": "event", "strat2": "stratum"}),
            ["time", "event", "tx", "stratum", "karnof", "cd4", "age"],
        ),
        "cgvhd": _cgvhd(in_wheel(wheel, "cgvhd")),
        "bmt": _numbers(
            in_wheel(wheel, "bmt").rename(columns={"ftime": "time", "status": "cause"}),
            ["time", "cause", "dis"],
        ),
        "flchain": _flchain(in_wheel(wheel, "flchain")),
    }


def _numbers(frame: pd.DataFrame, columns: list[str]) -> pd.DataFrame:
    """The columns, whole numbers as such."""
    numbers = frame[columns].apply(pd.to_numeric)
    whole = [name for name in numbers if (numbers[name] % 1 == 0).all()]
    return numbers.astype(dict.fromkeys(whole, "int64"))


def _veteran(frame: pd.DataFrame) -> pd.DataFrame:
    numbers = pd.DataFrame(
        {
            "time": frame["Survival_in_days"],
            "event": frame["Status"] == "dead",
            "karnofsky": frame["Karnofsky_score"],
            "age": frame["Age_in_years"],
            "months": frame["Months_from_Diagnosis"],
        }
    ).astype("int64")
    texts = {"Treatment": "treatment", "Celltype": "cell_type", "Prior_therapy": "prior"}
    return numbers.join(frame[list(texts)].rename(columns=texts))


def _cgvhd(frame: pd.DataFrame) -> pd.DataFrame:
    """The first of graft-versus-host disease (1), relapse (2) and death (3), in this order where
    two are at one time."""
    times = frame[["cgvhtime", "reltime", "survtime"]].to_numpy()
    happened = frame[["cgvh", "rcens", "stat"]].to_numpy() == "1"
    first = times.min(axis=1)
    now = happened & (times == first[:, None])
    cause = np.where(now.any(axis=1), now.argmax(axis=1) + 1, 0)
    return pd.DataFrame({"time": first, "cause": cause, "age": frame["age"].astype("int64")}).join(
        frame[["dx", "tx", "extent"]]
    )


def _flchain(frame: pd.DataFrame) -> pd.DataFrame:
    """Deaths of the circulation (1) and others (2); the highest tenth of light chains apart."""
    dead = frame["death"] == "dead"
    cause = np.where(frame["chapter"] == "Circulatory", 1, 2)
    return pd.DataFrame(
        {
            "time": frame["futime"].astype("int64"),
            "event": dead.astype("int64"),
            "cause": np.where(dead, cause, 0),
            "age": frame["age"].astype("int64"),
            "sex": frame["sex"],
            "high": (frame["flc.grp"] == "10").astype("int64"),
            "mgus": (frame["mgus"] == "yes").astype("int64"),
        }
    )


def main(wheel: Path) -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, table in tables(wheel).items():
        # Without a time of writing in the compressed file, so that it is the same every time.
        zipped = {"method": "gzip", "mtime": 0} if file_of(name).suffix == ".gz" else None
        table.to_csv(file_of(name), index=False, compression=zipped)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
