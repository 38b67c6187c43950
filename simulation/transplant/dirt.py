"""Plants in a delivery of the transplant registry the dirt of real form exports, and books it.

Dirt never hides the truth from a careful reader: what cannot be read sits in a form that tells
nothing new, and a changed onset in a form that tells an episode again.
"""

import numpy as np
import pandas as pd

from simulation.calendar import plus
from simulation.planting import Ledger, amount, duplicated, pick
from simulation.transplant.forms import PERIODS
from simulation.workbook import ErrorCell

KINDS = {
    "duplicate_rows.patients": "rows of the sheet PATIENTS that are exact copies of another row",
    "duplicate_rows.follow_up": "follow-up forms that are exact copies of another one",
    "date_as_number": "forms whose assessment date lost its date format and is a bare number: "
    "quarantined at the door",
    "error_cell": "forms whose response is an error cell (#N/A): quarantined at the door",
    "unknown_code.response": "forms with a response in no code list",
    "not_flagged_again": "episodes told again without the flag `previously reported`",
    "onset_changed": "episodes told again with another onset; the first one told is true",
    "sex_differs": "patients of the CAR-T registry whose sex is told otherwise here",
    "infusion_date_differs": "patients of the CAR-T registry infused one to three days later here",
    "death_date_differs": "patients of the CAR-T registry who died four days later here",
}

REFUSED = ("date_as_number", "error_cell")
"""Kinds of dirt of a form that is quarantined: nothing of it is read."""


def of_tellings(
    told: pd.DataFrame, ledger: Ledger, rng: np.random.Generator, people: int
) -> pd.DataFrame:
    """`forms.tellings` with a column flagged_again; some not flagged, some with another onset."""
    count = amount(people)
    told = told.assign(flagged_again=told["again"].to_numpy())
    alone = told.groupby(["form", "kind"])["slot"].transform("size") == 1
    latest = told.groupby(["registry_id", "kind"])["onset_date"].transform("max")
    again = told["again"] & told["told_onset"].notna()
    candidates = np.flatnonzero(again & alone & (told["onset_date"] == latest))
    rows = rng.permutation(candidates)[: 2 * count]
    unflagged, changed = rows[0::2], rows[1::2]
    told.loc[told.index[unflagged], "flagged_again"] = False
    onset = told["told_onset"].to_numpy().astype("datetime64[D]")
    onset[changed] = plus(onset[changed], rng.integers(3, 11, len(changed)).astype(float))
    told["told_onset"] = onset
    ledger.add("not_flagged_again", told["registry_id"].iloc[unflagged])
    ledger.add("onset_changed", told["registry_id"].iloc[changed])
    return told


def of_people(
    known: pd.DataFrame, unmapped: pd.Series, ledger: Ledger, rng: np.random.Generator
) -> pd.DataFrame:
    """The people as this registry has them: some fields differ from the CAR-T registry's."""
    known = known.copy()
    shared, count = known["shared"].to_numpy().astype(bool), amount(len(known))
    room = known["lock_date"] - known["death_date"] >= pd.Timedelta(days=10)
    # A patient with a twin is ambiguous; it stays so.
    apart = known["national_number"].isin([*known["twin_of"], *unmapped]).to_numpy()
    single = shared & ~apart
    dead = pick(rng, np.flatnonzero(single & room), count)
    young = single & (known["follow_up_end"] - known["infusion_date"] > pd.Timedelta(days=30))
    rows = rng.permutation(np.flatnonzero(young & ~np.isin(np.arange(len(known)), dead)))
    sex, infused = rows[: 2 * count][0::2], rows[: 2 * count][1::2]
    known.loc[sex, "male"] = 1 - known.loc[sex, "male"]
    for name, people, days in (
        ("infusion_date", infused, rng.integers(1, 4, len(infused))),
        ("death_date", dead, np.full(len(dead), 4)),
    ):
        known.loc[people, name] = known.loc[people, name] + pd.to_timedelta(days, unit="D")
    known.loc[dead, "follow_up_end"] = known.loc[dead, "death_date"]
    for kind, people in (
        ("sex_differs", sex), ("infusion_date_differs", infused), ("death_date_differs", dead),
    ):  # fmt: skip
        ledger.add(kind, known["registry_id"].iloc[people])
    return known


def unread(
    answers: pd.DataFrame, told: pd.DataFrame, rng: np.random.Generator, people: int
) -> dict[str, np.ndarray]:
    """Forms that tell nothing, whose cells cannot be read or are in no code list: rows by kind."""
    silent = ~answers.index.isin(told["form"]) & ~answers["last"].to_numpy().astype(bool)
    quiet = silent & answers["response"].notna().to_numpy()
    rows = rng.permutation(np.flatnonzero(quiet))[: 3 * amount(people)]
    kinds = ("date_as_number", "error_cell", "unknown_code.response")
    return {kind: np.sort(rows[i::3]) for i, kind in enumerate(kinds)}


def of_answers(
    answers: pd.DataFrame,
    parts: dict[str, np.ndarray],
    ledger: Ledger,
    rng: np.random.Generator,
) -> pd.DataFrame:
    """Unreadable cells and unknown codes in the forms of `unread`; then copies of whole forms."""
    answers = answers.assign(period=np.asarray(PERIODS, dtype=object)[answers["period"]])
    serial = answers["report_date"].to_numpy().astype("datetime64[D]")
    numbers = (serial - np.datetime64("1899-12-30", "D")).astype(int)
    assessed = answers["assessment_date"].to_numpy(dtype=object, copy=True)
    response = answers["response"].to_numpy(dtype=object, copy=True)
    assessed[parts["date_as_number"]] = numbers[parts["date_as_number"]]
    response[parts["error_cell"]] = ErrorCell("#N/A")
    response[parts["unknown_code.response"]] = 77
    answers = answers.assign(assessment_date=assessed, response=response)
    for kind, where in parts.items():
        ledger.add(kind, answers["registry_id"].iloc[where])
    clean = np.setdiff1d(np.arange(len(answers)), np.concatenate(list(parts.values())))
    copied = pick(rng, clean, amount(len(answers)))
    ledger.add("duplicate_rows.follow_up", answers["registry_id"].iloc[copied])
    return answers.iloc[duplicated(len(answers), copied)].reset_index(drop=True)


def of_patients(table: pd.DataFrame, ledger: Ledger, rng: np.random.Generator) -> pd.DataFrame:
    """Copies of whole rows."""
    copied = pick(rng, np.arange(len(table)), amount(len(table)))
    ledger.add("duplicate_rows.patients", table["REGISTRY_ID"].iloc[copied])
    return table.iloc[duplicated(len(table), copied)].reset_index(drop=True)
