"""Builds FHIR R4 QuestionnaireResponse resources as lines of JSON text, without a JSON library.

Text is joined column by column, so a million forms take seconds. Item keys only, never wording.
"""

import numpy as np
import pandas as pd

from simulation.calendar import iso
from simulation.text import joined, numbered

BASE = "https://atmp-rwe.example/fhir"
BLANK = -1
"""An item not answered; answers are whole numbers."""
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
            _items(table),
            "}",
        ]
    )


def _source(respondent: np.ndarray) -> np.ndarray:
    own = '{"type":"Patient","display":"self"}'
    others = _wrapped(respondent, '{"type":"RelatedPerson","display":"', '"}')
    return np.where(respondent == "self", own, others)


def _items(table: pd.DataFrame) -> np.ndarray:
    """The item array as text, empty where nothing was answered."""
    import pyarrow as pa
    import pyarrow.compute as pc

    keys = [name for name in table.columns if name not in NOT_ITEMS and not name.startswith("_")]
    # Arrow's join leaves a row out when all of it is null: such rows are not given to it.
    some = (table[keys] != BLANK).any(axis=1).to_numpy()
    columns = []
    for key in keys:
        # Few distinct answers: their JSON is made once and looked up for every form.
        answers, codes = np.unique(table[key].to_numpy()[some], return_inverse=True)
        texts = [
            f'{{"linkId":"{key}","answer":[{{"valueInteger":{answer}}}]}}' for answer in answers
        ]
        blank = answers[codes] == BLANK
        indices = pa.array(codes.astype(np.int32), mask=blank)
        columns.append(pa.array(texts, type=pa.large_string()).take(indices))
    comma = pa.scalar(",", type=pa.large_string())
    text = pc.binary_join_element_wise(*columns, comma, null_handling="skip")
    out = np.full(len(table), "", dtype=object)
    out[some] = ',"item":[' + text.to_pandas().to_numpy(dtype=object) + "]"
    return out


def _wrapped(values: np.ndarray, before: str, after: str) -> np.ndarray:
    return np.where(values == "", "", before + values.astype(object) + after)
