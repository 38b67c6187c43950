"""Writes one delivery of patient-reported outcomes: NDJSON by year of the form, and its dirt."""

import datetime as dt
from pathlib import Path

import numpy as np
import pandas as pd

from simulation.epro.fhir import responses
from simulation.planting import Ledger, amount, pick
from simulation.streams import stream

KINDS = {
    "duplicate_rows": "lines that are exact copies of another line",
    "unreadable_line": "lines cut short, no JSON: quarantined at the door; the whole line is there",
    "unknown_code.instrument": "forms of an instrument in no code list",
    "answer_out_of_range": "EQ VAS answers of 999",
    "form_after_death": "forms dated ten days after the patient's death",
    "form_not_filled": "forms without items, with a reason: no dirt, counted to be complete",
}
_AFTER_DEATH = 50_000_000


def write(
    folder: Path,
    forms: dict[str, pd.DataFrame],
    delivery: dt.date,
    seed: int,
    deaths: pd.DataFrame,
) -> Ledger:
    """Writes questionnaire_responses_<year>.ndjson of forms up to each data lock; returns the dirt.

    `deaths` (national_number, death_date known by this delivery) says who can be given a form after
    death.
    """
    rng = stream(seed, "epro.dirt", delivery.isoformat())
    ledger = Ledger(KINDS)
    lines = []
    for instrument, table in forms.items():
        lock = np.datetime64(delivery, "D") - table["_lag"].to_numpy().astype("timedelta64[D]")
        seen = table["completed_date"].to_numpy().astype("datetime64[D]") <= lock
        known = table.assign(_form=np.arange(len(table)) + 1)[seen].reset_index(drop=True)
        known, named = _spoil_forms(known, instrument, delivery, deaths, ledger, rng)
        lines.append(
            pd.DataFrame(
                {
                    "text": responses(known, instrument, named),
                    "year": known["completed_date"].dt.year,
                    "national_number": known["national_number"],
                }
            )
        )
    table = _spoil_lines(pd.concat(lines, ignore_index=True), ledger, rng)
    folder.mkdir(parents=True)
    for year, rows in table.groupby("year"):
        body = "\n".join([*rows["text"], ""])
        (folder / f"questionnaire_responses_{year}.ndjson").write_bytes(body.encode())
    return ledger


def _spoil_forms(
    table: pd.DataFrame,
    instrument: str,
    delivery: dt.date,
    deaths: pd.DataFrame,
    ledger: Ledger,
    rng: np.random.Generator,
) -> tuple[pd.DataFrame, np.ndarray]:
    """The forms with dirt inside, and the instrument each one names."""
    empty = table["reason"] != ""
    ledger.add("form_not_filled", table.loc[empty, "national_number"])
    named = np.full(len(table), instrument, dtype=object)
    filled = np.flatnonzero(~empty)
    if instrument == "eq-5d-5l":
        wild = pick(rng, filled, amount(len(filled), 0.005))
        late = _after_death(table, deaths, delivery, rng)
        table.loc[wild, "vas"] = 999
        ledger.add("answer_out_of_range", table.loc[wild, "national_number"])
        ledger.add("form_after_death", late["national_number"])
        if len(late):
            table = pd.concat([table, late], ignore_index=True)
            named = np.concatenate([named, np.full(len(late), instrument, dtype=object)])
    else:
        odd = pick(rng, filled, amount(len(filled), 0.004))
        named[odd] = "qlq-x99"
        ledger.add("unknown_code.instrument", table.loc[odd, "national_number"])
    return table, named


def _after_death(
    table: pd.DataFrame, deaths: pd.DataFrame, delivery: dt.date, rng: np.random.Generator
) -> pd.DataFrame:
    """Copies of last forms of the dead, dated 10 days after the death, with own numbers."""
    room = deaths["death_date"] <= pd.Timestamp(delivery) - pd.Timedelta(days=40)
    dead = deaths[room].set_index("national_number")["death_date"]
    last = table[table["reason"] == ""].drop_duplicates("national_number", keep="last")
    last = last[last["national_number"].isin(dead.index)]
    copy = last.iloc[pick(rng, np.arange(len(last)), amount(len(last)))].copy()
    day = copy["national_number"].map(dead) + pd.Timedelta(days=10)
    kind = table["completed_date"].dtype
    return copy.assign(completed_date=day.astype(kind), _form=copy["_form"] + _AFTER_DEATH)


def _spoil_lines(table: pd.DataFrame, ledger: Ledger, rng: np.random.Generator) -> pd.DataFrame:
    """Adds cut lines (of forms that are also there whole) and exact copies of lines."""
    order = rng.permutation(len(table))
    few = amount(len(table), 0.003)
    cut = table.iloc[np.sort(order[:few])]
    copied = table.iloc[np.sort(order[few : few + amount(len(table))])]
    ledger.add("unreadable_line", cut["national_number"])
    ledger.add("duplicate_rows", copied["national_number"])
    halves = [text[: len(text) // 2] for text in cut["text"]]
    return pd.concat([table, cut.assign(text=halves), copied], ignore_index=True)
