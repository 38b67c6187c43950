"""The forms of the transplant registry as tables of cells: one sheet a form, questions by number.

The follow-up form has two revisions. The second one asks for the performance status as its third
question, so every later question moved by one number.
"""

import numpy as np
import pandas as pd

from simulation.products import AXI, BREXU, TISA
from simulation.streams import stream
from simulation.workbook import excel_days

REVISED = np.datetime64("2024-01-01", "D")
"""Forms reported from this day on are of the second revision."""
NO, YES, AGAIN = 0, 1, 2
_COMPLICATIONS = ("crs", "icans", "infection_1", "infection_2", "prolonged_cytopenia")
_GVHD = ("acute_gvhd", "chronic_gvhd")
_PARTS = ("", "_onset_date", "_grade", "_resolution_date")
QUESTIONS = (
    *("last_contact_date", "vital_status", "death_date", "death_cause"),
    *("response", "assessment_date", "progression", "progression_date"),
    *(f"{name}{part}" for name in _COMPLICATIONS for part in _PARTS),
    *("second_malignancy", "second_malignancy_date", "next_treatment", "next_treatment_date"),
    *(f"{name}{part}" for name in _GVHD for part in _PARTS),
)
"""The questions of the first revision in their order: Q1 and on."""
REVISED_QUESTIONS = (*QUESTIONS[:2], "performance_status", *QUESTIONS[2:])
_KEYS = {"registry_id": "REGISTRY_ID", "treatment_id": "TREATMENT_NO", "period": "PERIOD"}
_PRODUCTS = {AXI: "L01XL03", TISA: "L01XL04", BREXU: "L01XL06"}
_DIAGNOSES = {"target": "DLBCL", "second_line": "DLBCL", "mantle_cell": "MCL"}
_RESPONSES = {
    "complete_response": 1, "partial_response": 2, "stable_disease": 3, "progressive_disease": 4,
}  # fmt: skip
_CAUSES = {
    "disease_progression": 1, "infection": 2, "crs": 3, "icans": 4, "second_malignancy": 5,
    "cardiac": 6, "other": 7, "unknown": 8,
}  # fmt: skip


def patients(known: pd.DataFrame) -> pd.DataFrame:
    """Sheet PATIENTS, direct identifiers included."""
    return pd.DataFrame(
        {
            "REGISTRY_ID": known["registry_id"],
            "UPN": known["upn"],
            "DATE_OF_BIRTH": excel_days(known["birth_date"].to_numpy()),
            "SEX": np.where(known["male"] == 1, 1, 2),
            "REGISTRATION_DATE": excel_days(known["infusion_date"].to_numpy()),
        },
        dtype=object,
    )


def treatments(known: pd.DataFrame) -> pd.DataFrame:
    """Sheet TREATMENTS: the form of day 0; centres by the registry's own numbers."""
    return pd.DataFrame(
        {
            "REGISTRY_ID": known["registry_id"],
            "TREATMENT_NO": known["registry_id"] + "-1",
            "CIC": 601 + known["centre"].to_numpy(),
            "DIAGNOSIS": known["group"].map(_DIAGNOSES),
            "PRODUCT_ATC": known["product"].map(_PRODUCTS),
            "LINE": known["line"].to_numpy(),
            "INFUSION_DATE": excel_days(known["infusion_date"].to_numpy()),
        },
        dtype=object,
    )


def follow_up(
    known: pd.DataFrame, forms: pd.DataFrame, told: pd.DataFrame, seed: int
) -> pd.DataFrame:
    """The answers of all forms by the names of the questions, and the columns of `forms`."""
    member = forms["member"].to_numpy()
    report = forms["report_date"].to_numpy().astype("datetime64[D]")
    death = known["death_date"].to_numpy().astype("datetime64[D]")[member]
    died = death <= report
    visit = ~forms["last"].to_numpy()
    response = _responses(known, member, report, visit)
    ecog = known["ecog"].to_numpy()[member]
    better = stream(seed, "transplant.performance").random((int(known.index.max()) + 1, 12))
    ecog = np.where(better[member, forms["period"]] < 0.4, np.maximum(ecog - 1, 0), ecog)
    cells: dict[str, np.ndarray] = {
        "registry_id": forms["registry_id"].to_numpy(),
        "treatment_id": (forms["registry_id"] + "-1").to_numpy(),
        "last_contact_date": excel_days(report),
        "vital_status": np.where(died, 2, 1),
        "performance_status": _where(visit, ecog),
        "death_date": excel_days(np.where(died, death, np.datetime64("NaT"))),
        "death_cause": _where(died, known["death_cause"].map(_CAUSES).to_numpy()[member]),
        "response": response,
        "assessment_date": _where(pd.notna(response), excel_days(report)),
    }
    for name in (*_COMPLICATIONS, "progression", "second_malignancy", "next_treatment"):
        cells |= _answers(name, told, len(forms))
    return pd.concat([forms, pd.DataFrame(cells, dtype=object).drop(columns="registry_id")], axis=1)


def with_gvhd(answers: pd.DataFrame, told: pd.DataFrame) -> pd.DataFrame:
    """The answers of `follow_up`, with those about graft-versus-host disease."""
    told = told.assign(flagged_again=told["again"])
    cells: dict[str, np.ndarray] = {}
    for name in _GVHD:
        cells |= _answers(name, told, len(answers))
    return pd.concat([answers, pd.DataFrame(cells, dtype=object, index=answers.index)], axis=1)


def _responses(
    known: pd.DataFrame, member: np.ndarray, report: np.ndarray, visit: np.ndarray
) -> np.ndarray:
    """The status at a visit: the best response until progression, then progressive disease."""
    best = known["best_response"].map(_RESPONSES).to_numpy()[member]
    progression = known["progression_date"].to_numpy().astype("datetime64[D]")[member]
    answer = np.where(progression <= report, 4, best)
    kept = visit & ~np.isnan(answer.astype(float))
    return _where(kept, answer)


def _where(condition: np.ndarray, values: np.ndarray) -> np.ndarray:
    """The values as cells, empty where the condition does not hold."""
    out = np.asarray(values, dtype=object).copy()
    out[~condition] = None
    return out


def _answers(name: str, told: pd.DataFrame, size: int) -> dict[str, np.ndarray]:
    """The cells of one place of the form: whether, since when, how bad, until when."""
    kind, _, slot = name.rpartition("_") if name[-1].isdigit() else (name, "", "1")
    rows = told[(told["kind"] == kind) & (told["slot"] == int(slot) - 1)]
    form = rows["form"].to_numpy().astype(np.int64)

    def placed(values: np.ndarray, otherwise: object = None) -> np.ndarray:
        out = np.full(size, otherwise, dtype=object)
        out[form] = values
        return out

    onset = placed(excel_days(rows["told_onset"].to_numpy()))
    answered = {name: placed(np.where(rows["flagged_again"], AGAIN, YES), NO)}
    if name not in (*_COMPLICATIONS, *_GVHD):
        return {**answered, f"{name}_date": onset}
    return {
        **answered,
        f"{name}_onset_date": onset,
        f"{name}_grade": placed(rows["told_grade"].to_numpy().astype(object)),
        f"{name}_resolution_date": placed(excel_days(rows["told_resolution"].to_numpy())),
    }


def numbered_sheets(answers: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Sheets FOLLOW_UP_V1 and FOLLOW_UP_V2: each form in its revision, questions by number."""
    revised = answers["report_date"].to_numpy().astype("datetime64[D]") >= REVISED
    out = {}
    for name, questions, rows in (
        ("FOLLOW_UP_V1", QUESTIONS, ~revised),
        ("FOLLOW_UP_V2", REVISED_QUESTIONS, revised),
    ):
        headers = _KEYS | {question: f"Q{i}" for i, question in enumerate(questions, start=1)}
        out[name] = answers.loc[rows, list(headers)].rename(columns=headers)
    return out
