"""Builds FHIR R4 QuestionnaireResponse resources as lines of JSON text, without a JSON library.

Text is joined column by column, so a million forms take seconds. Item keys only, never wording.
"""

import numpy as np
import pandas as pd

from simulation.calendar import iso
from simulation.text import joined, numbered

BASE = "https://atmp-rwe.example/fhir"
NOT_ITEMS = ("national_number", "completed_date", "visit", "reason", "respondent")


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
