"""The tables R and this project are both run on. What R gave is in statistical/golden.

Public tables come from `lifelines.datasets` and, kept as files, from scikit-survival; the tie-heavy
one is arithmetic, so that it is the same everywhere. `python -m tests.lib.parity_tables DIR` writes
them for the scripts of golden/.
"""

import sys
from pathlib import Path

import numpy as np
import pandas as pd
from lifelines import datasets

from tests.lib.reference_rates import life_table
from tests.lib.scikit_survival import kept

GOLDEN = Path(__file__).parents[1] / "statistical" / "golden"


def rossi() -> pd.DataFrame:
    """432 released convicts, weeks to arrest (Rossi et al. 1980), one censoring time."""
    frame = datasets.load_rossi().rename(columns={"week": "time", "arrest": "event"})
    return frame.assign(
        cause=frame["event"] * (1 + frame["race"]),
        half_weight=0.5 + frame["age"] / 40,
        whole_weight=1 + frame["prio"] % 3,
    )


def lung() -> pd.DataFrame:
    """228 patients with lung cancer (Loprinzi et al. 1994); the 1 without ECOG is left out."""
    frame = datasets.load_lung().rename(columns={"status": "event", "ph.ecog": "ecog"})
    frame = frame[["time", "event", "age", "sex", "ecog"]].dropna().reset_index(drop=True)
    return frame.assign(cause=frame["event"] * (1 + (frame["age"] > 62)))


def gbsg2() -> pd.DataFrame:
    """686 women with breast cancer (Schumacher et al. 1994)."""
    frame = datasets.load_gbsg2().rename(columns={"cens": "event"})
    return frame.assign(
        cause=frame["event"] * (1 + (frame["pnodes"] > 4)), background=_population(frame["age"])
    )


def _population(age: "pd.Series[float]") -> "pd.Series[float]":
    """A hazard a day such as a life table gives, from the age alone: for excess hazards."""
    return 3e-5 * np.exp(0.095 * age) / 365.25


def macs() -> pd.DataFrame:
    """78 men of the multicenter AIDS cohort, late entry (Klein and Moeschberger)."""
    frame = datasets.load_multicenter_aids_cohort_study().reset_index(drop=True)
    frame = frame.rename(columns={"W": "entry", "T": "time", "D": "event", "AIDSY": "year"})
    frame = frame[frame["entry"] < frame["time"]].reset_index(drop=True)
    return frame.assign(group=np.where(frame["year"] > 1994.8, "late", "early"))


def stanford() -> pd.DataFrame:
    """172 rows (start, stop] of 103 patients awaiting a new heart (Crowley and Hu 1977)."""
    frame = datasets.load_stanford_heart_transplants()
    return frame.rename(columns={"start": "entry", "stop": "time"})


def whas500() -> pd.DataFrame:
    """500 people with a heart attack, Worcester (Hosmer, Lemeshow and May 2008)."""
    frame = kept("whas500")
    return frame.assign(background=_population(frame["age"]))


def veteran() -> pd.DataFrame:
    """137 veterans with lung cancer, four cell types (Kalbfleisch and Prentice 2002)."""
    return kept("veteran")


def actg320() -> pd.DataFrame:
    """1,151 people with HIV, 96 of them to AIDS or death (Hosmer, Lemeshow and May 2008)."""
    return kept("actg320")


def cgvhd() -> pd.DataFrame:
    """100 people transplanted: graft-versus-host disease, relapse or death (Pintilie 2006)."""
    frame = kept("cgvhd")
    return frame.assign(event=(frame["cause"] > 0).astype(int))


def bmt() -> pd.DataFrame:
    """35 people transplanted: death or relapse, one at day 0 (Scrucca et al. 2007)."""
    frame = kept("bmt")
    return frame.assign(event=(frame["cause"] > 0).astype(int))


def flchain() -> pd.DataFrame:
    """7,874 residents of a county, some who died on day 0 (Dispenzieri et al. 2012)."""
    return kept("flchain")


def ties() -> pd.DataFrame:
    """120 rows on 9 distinct times: causes, late entries, weights, groups and strata."""
    i = np.arange(120)
    time = (i * i * 7 + 3 * i + i // 11) % 9 + 1
    cause = (i * 5 + i // 7) % 4
    return pd.DataFrame(
        {
            "time": time,
            "entry": np.where(i % 3 == 0, 0, np.minimum((i * 11) % 7 * 0.5, time - 0.5)),
            "cause": cause,
            "event": (cause > 0).astype(int),
            "group": np.array(["a", "b", "c"])[(i * 13 + i // 5) % 3],
            "stratum": (i // 4) % 2,
            "x": ((i * 37) % 23) / 7.0,
            "z": (i * 29 + i // 3) % 5 - 2.0,
            "half_weight": 0.25 + ((i * 17) % 11) / 6.0,
            "whole_weight": 1 + (i * 3 + i // 8) % 3,
            "cluster": i // 3,
        }
    )


def untied() -> pd.DataFrame:
    """The tie-heavy table with no two times alike: 128ths of a unit tell rows apart."""
    frame = ties()
    return frame.assign(time=frame["time"] + np.arange(len(frame)) / 128)


def zero_time() -> pd.DataFrame:
    """8 rows with an event and a censoring at time 0, and a curve that stays at one half."""
    return pd.DataFrame(
        {
            "time": [0, 0, 1, 2, 2, 3, 5, 5],
            "event": [1, 0, 0, 1, 1, 0, 1, 0],
            "group": list("xxxxxxyy"),
        }
    )


def heart() -> pd.DataFrame:
    """The Stanford table as courses: waiting, then perhaps transplanted, then perhaps dead."""
    rows = stanford().sort_values(["id", "entry"]).reset_index(drop=True)
    state = np.where(rows["transplant"] == 1, "transplanted", "waiting")
    goes_on = rows["id"].eq(rows["id"].shift(-1)).to_numpy()
    ends = np.where(rows["event"] == 1, "dead", np.where(goes_on, "transplanted", None))
    return pd.DataFrame(
        {
            "id": rows["id"],
            "start": rows["entry"],
            "stop": rows["time"],
            "from": state,
            "to": ends,
            "surgery": rows["surgery"],
        }
    )


def courses() -> pd.DataFrame:
    """60 people among well, ill and dead, to and fro, on few days; some enter late, some ill."""
    rows = []
    for person in range(60):
        now, state = (person % 3 == 0) * (person % 4), "ill" if person % 7 == 0 else "well"
        for number in range(4):
            stop = now + 1 + (person * 5 + number * 3 + person // 9) % 4
            other = "well" if state == "ill" else "ill"
            to = (other, "dead", other, None)[(person * 3 + number * 5 + person // 7) % 4]
            rows.append((person, now, stop, state, to, "ab"[person % 2]))
            if to in ("dead", None):
                break
            now, state = stop, to
    return pd.DataFrame(rows, columns=["id", "start", "stop", "from", "to", "group"])


def recurrent() -> pd.DataFrame:
    """150 people with 0 to 5 events each, rows (start, stop], status 1 an event, 2 death, 0 end.

    Whole days, so that many times are shared; every seventh person enters late.
    """
    rows = []
    for i in range(150):
        entry = 0 if i % 7 else (i * 5) % 23 + 1
        end = entry + 20 + (i * i * 13 + 7 * i) % 180
        died = (i * 11 + i // 9) % 3 == 0
        times = sorted(
            {
                entry + 1 + (i * 17 + j * j * 31 + j * 5) % (end - entry - 1)
                for j in range(i * 7 % 6)
            }
        )
        start = entry
        for time in times:
            rows.append((i, start, time, 1, "ab"[i % 2]))
            start = time
        rows.append((i, start, end, 2 if died else 0, "ab"[i % 2]))
    return pd.DataFrame(rows, columns=["id", "entry", "time", "status", "group"])


def recurrent_untied() -> pd.DataFrame:
    """The people of `recurrent` from the origin on, no two times alike."""
    frame = recurrent()
    shift = frame["id"] / 1024
    first = ~frame["id"].duplicated()
    return frame.assign(
        entry=np.where(first, 0.0, frame["entry"] + shift), time=frame["time"] + shift
    )


TABLES = {
    "recurrent": recurrent,
    "recurrent_untied": recurrent_untied,
    "rossi": rossi,
    "lung": lung,
    "gbsg2": gbsg2,
    "macs": macs,
    "stanford": stanford,
    "ties": ties,
    "untied": untied,
    "zero_time": zero_time,
    "heart": heart,
    "courses": courses,
    "whas500": whas500,
    "veteran": veteran,
    "actg320": actg320,
    "cgvhd": cgvhd,
    "bmt": bmt,
    "flchain": flchain,
}


def main(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, table in TABLES.items():
        table().to_csv(folder / f"{name}.csv", index=False)
    life_table(folder / "life_table.csv")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
