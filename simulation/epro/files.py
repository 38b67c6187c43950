"""Writes one delivery of the patient-reported outcomes: NDJSON by year of the form, and its dirt."""

import datetime
from pathlib import Path

import numpy as np
import pandas as pd

from simulation.calendar import iso
from simulation.cart.dirt import amount, pick
from simulation.streams import stream
from simulation.text import joined, numbered

BASE = "https://atmp-rwe.example/fhir"
NOT_ITEMS = ("national_number", "completed_date", "visit", "reason", "respondent")

KINDS = {
    "duplicate_rows": "lines that are exact copies of another line",
    "unreadable_line": "lines cut short, no JSON: quarantined at the door",
    "unknown_code.instrument": "forms of an instrument in no code list",
    "answer_out_of_range": "EQ VAS answers of 999",
    "form_after_death": "forms dated after the patient's death",
    "form_not_filled": "forms without items, with a reason (no dirt: counted for completeness)",
}


def write(
    folder: Path,
    forms: dict[str, pd.DataFrame],
    delivery: datetime.date,
    seed: int,
    deaths: pd.DataFrame,
) -> dict[str, int]:
    """Writes questionnaire_responses_<year>.ndjson of forms up to the delivery; returns the dirt.

    `deaths` (national_number, death_date known by this delivery) says who can be given a form after
    death.
    """
    rng = stream(seed, "epro.dirt", delivery.isoformat())
    folder.mkdir(parents=True)
    counts = dict.fromkeys(KINDS, 0)
    lines: list[np.ndarray] = []
    years: list[np.ndarray] = []
    for instrument, table in forms.items():
        numbered_forms = table.assign(_form=np.arange(len(table)) + 1)
        lock = np.datetime64(delivery, "D") - table["_lag"].to_numpy().astype("timedelta64[D]")
        seen = numbered_forms["completed_date"].to_numpy().astype("datetime64[D]") <= lock
        known = numbered_forms[seen].reset_index(drop=True)
        known, named, found = _dirty_forms(known, instrument, delivery, deaths, rng)
        for kind, count in found.items():
            counts[kind] += count
        lines.append(np.asarray(responses(known, instrument, named), dtype=object))
        years.append(known["completed_date"].dt.year.to_numpy())
    text, year = np.concatenate(lines), np.concatenate(years)
    text, year, found = _dirty_lines(text, year, rng)
    for value in np.unique(year):
        body = "\n".join([*text[year == value], ""])
        (folder / f"questionnaire_responses_{value}.ndjson").write_bytes(body.encode())
    return {**counts, **found}


def _dirty_forms(
    table: pd.DataFrame,
    instrument: str,
    delivery: datetime.date,
    deaths: pd.DataFrame,
    rng: np.random.Generator,
) -> tuple[pd.DataFrame, np.ndarray, dict[str, int]]:
    """Dirt inside forms; each touched form is touched once. Also the instrument each is named."""
    counts = {"form_not_filled": int((table["reason"] != "").sum())}
    named = np.full(len(table), instrument, dtype=object)
    filled = rng.permutation(np.flatnonzero((table["reason"] == "").to_numpy()))
    if instrument == "eq-5d-5l":
        wild = filled[: amount(len(filled), 0.005)]
        table.loc[wild, "vas"] = "999"
        counts["answer_out_of_range"] = len(wild)
        late = _after_death(table, deaths, delivery, rng)
        counts["form_after_death"] = len(late)
        table = pd.concat([table, late], ignore_index=True)
        named = np.concatenate([named, np.full(len(late), instrument, dtype=object)])
    else:
        odd = filled[: amount(len(filled), 0.004)]
        named[odd] = "qlq-x99"
        counts["unknown_code.instrument"] = len(odd)
    return table, named, counts


def _after_death(
    table: pd.DataFrame,
    deaths: pd.DataFrame,
    delivery: datetime.date,
    rng: np.random.Generator,
) -> pd.DataFrame:
    """Copies of last forms of the dead, dated 10 days after the death, with numbers of their own."""
    room = deaths["death_date"] <= pd.Timestamp(delivery) - pd.Timedelta(days=40)
    dead = (
        deaths[room].drop_duplicates("national_number").set_index("national_number")["death_date"]
    )
    last = table[table["reason"] == ""].drop_duplicates("national_number", keep="last")
    last = last[last["national_number"].isin(dead.index)]
    rows = pick(rng, np.arange(len(last)), amount(len(last)) if len(last) else 0)
    copy = last.iloc[rows].copy()
    day = copy["national_number"].map(dead) + pd.Timedelta(days=10)
    return copy.assign(
        completed_date=day.astype(table["completed_date"].dtype), _form=copy["_form"] + 50_000_000
    )


def _dirty_lines(
    text: np.ndarray, year: np.ndarray, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray, dict[str, int]]:
    """Adds cut lines (of forms that are also there whole) and exact copies of lines."""
    order = rng.permutation(len(text))
    cut = np.sort(order[: amount(len(text), 0.003)]) if len(text) else order
    copied = np.sort(order[len(cut) : len(cut) + amount(len(text))]) if len(text) else order
    cuts = np.asarray([text[i][: len(text[i]) // 2] for i in cut], dtype=object)
    lines = np.concatenate([text, cuts, text[copied]])
    years = np.concatenate([year, year[cut], year[copied]])
    return lines, years, {"unreadable_line": len(cut), "duplicate_rows": len(copied)}


def responses(table: pd.DataFrame, instrument: str, named: np.ndarray) -> list[str]:
    """One FHIR R4 QuestionnaireResponse a row, as JSON text."""
    if table.empty:
        return []
    blank = (table["reason"] == "").to_numpy()
    number = numbered("E-" + instrument + "-", table["_form"].to_numpy(), 9)
    respondent = table["respondent"].to_numpy() if "respondent" in table else np.full(
        len(table), "self", dtype=object
    )  # fmt: skip
    reason = _wrapped(
        table["reason"].to_numpy(),
        f',{{"url":"{BASE}/StructureDefinition/not-completed-reason","valueCode":"',
        '"}',
    )
    return joined(
        [
            '{"resourceType":"QuestionnaireResponse","id":"',
            number,
            '","extension":[{"url":"' + BASE + '/StructureDefinition/visit","valueCode":"',
            table["visit"].to_numpy(),
            '"}',
            reason,
            '],"identifier":{"system":"' + BASE + '/form-number","value":"',
            number,
            '"},"questionnaire":"' + BASE + "/Questionnaire/",
            named,
            '|1.0","status":"',
            np.where(blank, "completed", "stopped"),
            '","subject":{"type":"Patient","identifier":{"system":"'
            + BASE
            + '/national-patient-number","value":"',
            table["national_number"].to_numpy(),
            '"}},"authored":"',
            iso(table["completed_date"].to_numpy()),
            'T10:00:00+00:00","source":',
            _source(respondent),
            *_items(table),
            "}",
        ]
    )


def _source(respondent: np.ndarray) -> np.ndarray:
    own = '{"type":"Patient","display":"self"}'
    others = _wrapped(respondent, '{"type":"RelatedPerson","display":"', '"}')
    return np.where(respondent == "self", own, others)


def _items(table: pd.DataFrame) -> list[np.ndarray]:
    """The item array, one text column an item; left out where nothing was answered."""
    keys = [name for name in table.columns if name not in NOT_ITEMS and not name.startswith("_")]
    answers = table[keys].to_numpy(dtype=object)
    given = answers != ""
    first = given.argmax(axis=1)
    some = given.any(axis=1)
    opening = np.where(some, ',"item":[', "").astype(object)
    columns = [opening]
    for at, key in enumerate(keys):
        comma = np.where(first == at, "", ",").astype(object)
        text = comma + f'{{"linkId":"{key}","answer":[{{"valueInteger":' + answers[:, at] + "}]}"
        columns.append(np.where(given[:, at], text, ""))
    columns.append(np.where(some, "]", "").astype(object))
    return columns


def _wrapped(values: np.ndarray, before: str, after: str) -> np.ndarray:
    return np.where(values == "", "", before + values.astype(object) + after)
