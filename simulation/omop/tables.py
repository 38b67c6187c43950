"""The tables of the extract, clean: standard concepts where they are known, local ones and zero.

Concept identifiers from 2,000,000,001 on are the site's own, as the common data model reserves
them.
"""

import numpy as np
import pandas as pd

from simulation.cart.registry import LDH_UPPER_LIMIT
from simulation.omop.people import CENTRES
from simulation.products import AXI, BREXU, TISA
from simulation.streams import stream

EHR = 32817
SEX = {1: 8507, 0: 8532}
LOCAL_PRODUCTS = {AXI: 2_000_000_001, TISA: 2_000_000_002}
ATC = {AXI: "L01XL03", TISA: "L01XL04", BREXU: "L01XL06"}
LDH, HAEMOGLOBIN = 3016436, 3000963
REGIMEN, DISEASE, PROGRESSION = 32531, 32533, 32677
_DAY = pd.Timedelta(days=1)
_CAUSES = {
    "disease_progression": "C83.3", "infection": "A41.9", "cardiac": "I50.9",
    "second_malignancy": "C92.0", "crs": "CRS", "icans": "ICANS", "other": "R99",
}  # fmt: skip


def person(frame: pd.DataFrame) -> pd.DataFrame:
    """person: the birth date in pieces and whole, and the hospital's number of the patient."""
    born = frame["birth_date"].dt
    return pd.DataFrame(
        {
            "person_id": frame["person_id"],
            "gender_concept_id": frame["male"].map(SEX),
            "year_of_birth": born.year,
            "month_of_birth": born.month,
            "day_of_birth": born.day,
            "birth_datetime": frame["birth_date"].dt.strftime("%Y-%m-%d 00:00:00"),
            "race_concept_id": 0,
            "ethnicity_concept_id": 0,
            "location_id": 700 + frame["person_id"] % 97,
            "care_site_id": frame["centre"] + 1,
            "person_source_value": "IPP" + (8_000_000 + frame["person_id"]).astype(str),
            "gender_source_value": np.where(frame["male"] == 1, "M", "F"),
        }
    )


def care_site() -> pd.DataFrame:
    """care_site: the hospitals, under the codes the registries use."""
    return pd.DataFrame(
        {
            "care_site_id": [centre + 1 for centre in CENTRES],
            "care_site_name": [f"Hôpital inventé {centre + 1}" for centre in CENTRES],
            "place_of_service_concept_id": 0,
            "care_site_source_value": [f"C{centre + 1:02d}" for centre in CENTRES],
        }
    )


def observation_period(frame: pd.DataFrame) -> pd.DataFrame:
    """observation_period: first to last contact with the hospital."""
    return pd.DataFrame(
        {
            "observation_period_id": frame["person_id"],
            "person_id": frame["person_id"],
            "observation_period_start_date": frame["first_seen_date"],
            "observation_period_end_date": frame["last_contact_date"],
            "period_type_concept_id": EHR,
        }
    )


def death(frame: pd.DataFrame) -> pd.DataFrame:
    """death: the deaths the hospital knows of, with an ICD-10 code as cause."""
    dead = frame[frame["death_date"].notna()]
    return pd.DataFrame(
        {
            "person_id": dead["person_id"],
            "death_date": dead["death_date"],
            "death_type_concept_id": EHR,
            "cause_concept_id": 0,
            "cause_source_value": dead["death_cause"].map(_CAUSES).fillna(""),
        }
    )


def drug_exposure(frame: pd.DataFrame) -> pd.DataFrame:
    """drug_exposure: lymphodepletion five days before the cells, and the cells."""
    cells = pd.DataFrame(
        {
            "person_id": frame["person_id"],
            "drug_concept_id": frame["product"].map(LOCAL_PRODUCTS).fillna(0).astype(int),
            "drug_exposure_start_date": frame["infusion_date"],
            "drug_exposure_end_date": frame["infusion_date"],
            "drug_type_concept_id": EHR,
            "quantity": 1.0,
            # Free text, in which a hospital writes whom the bag is for.
            "sig": "Poche à perfuser, IPP" + (8_000_000 + frame["person_id"]).astype(str),
            "lot_number": "LOT" + frame["person_id"].astype(str),
            "drug_source_value": frame["product"].map(ATC),
        }
    )
    day = frame["infusion_date"] - 5 * _DAY
    depletion = [
        cells.assign(
            drug_concept_id=0,
            drug_exposure_start_date=day,
            drug_exposure_end_date=day + 2 * _DAY,
            lot_number="",
            drug_source_value=code,
        )
        for code in ("L01BB05", "L01AA01")
    ]
    out = pd.concat([cells, *depletion], ignore_index=True)
    out.insert(0, "drug_exposure_id", _ids(out, 30_000_000))
    return out


def condition_occurrence(frame: pd.DataFrame) -> pd.DataFrame:
    """condition_occurrence: the lymphoma, from the first contact, and infections before death."""
    mantle = frame["group"] == "mantle_cell"
    lymphoma = _long(frame, "condition", frame["first_seen_date"])
    lymphoma["condition_source_value"] = np.where(mantle, "C83.1", "C83.3")
    infected, start = sepsis(frame)
    found = _long(infected, "condition", start).assign(condition_source_value="A41.9")
    out = pd.concat([lymphoma, found], ignore_index=True)
    out = out.assign(condition_type_concept_id=EHR)
    out.insert(0, "condition_occurrence_id", _ids(out, 40_000_000))
    return out


def sepsis(frame: pd.DataFrame) -> tuple[pd.DataFrame, pd.Series]:
    """Who died of an infection, as far as the hospital knows, and when it began."""
    infected = frame[(frame["death_cause"] == "infection") & frame["death_date"].notna()]
    start = (infected["death_date"] - 5 * _DAY).clip(lower=infected["infusion_date"])
    return infected, start


def measurement(frame: pd.DataFrame, seed: int) -> pd.DataFrame:
    """measurement: LDH at decision with its upper limit, and haemoglobin at the visits since."""
    number = frame["person_id"].to_numpy()
    at_decision = _long(frame, "measurement", frame["decision_date"]).assign(
        measurement_concept_id=LDH,
        value_as_number=np.round(frame["ldh_ratio"].to_numpy() * LDH_UPPER_LIMIT, 1),
        range_high=LDH_UPPER_LIMIT,
        measurement_source_value="LDH",
        unit_source_value="UI/L",
    )
    # Drawn by person, so that a value is the same in every delivery.
    draws = stream(seed, "omop.haemoglobin").normal(10.8, 1.4, (int(number.max()) + 1, 4))[number]
    parts = [at_decision]
    for visit, days in enumerate((0, 28, 90, 180)):
        day = frame["infusion_date"] + days * _DAY
        here = (day <= frame["last_contact_date"]).to_numpy()
        parts.append(
            _long(frame[here], "measurement", day[here]).assign(
                measurement_concept_id=HAEMOGLOBIN,
                value_as_number=np.round(draws[here, visit], 1),
                range_high=np.nan,
                measurement_source_value="HB",
                unit_source_value="g/dL",
            )
        )
    out = pd.concat(parts, ignore_index=True)
    out.insert(0, "measurement_id", _ids(out, 50_000_000))
    return out


def observation(frame: pd.DataFrame) -> pd.DataFrame:
    """observation: performance status at decision, and grades of CRS and ICANS, by local names."""
    parts = [_graded(frame, frame["decision_date"], "ECOG_OMS", frame["ecog"])]
    for name in ("crs", "icans"):
        ill = frame[frame[f"{name}_date"].notna()]
        grade = ill[f"{name}_grade"]
        parts.append(_graded(ill, ill[f"{name}_date"], f"{name.upper()}_ASTCT", grade))
    out = pd.concat(parts, ignore_index=True)
    out = out.assign(observation_type_concept_id=EHR, value_as_string="")
    out.insert(0, "observation_id", _ids(out, 60_000_000))
    return out


def episode(frame: pd.DataFrame) -> pd.DataFrame:
    """episode: the disease, the lines of treatment with their number, and progressions."""
    line = frame["line"].astype(int)
    start = frame["infusion_date"] - 5 * _DAY
    again = frame[frame["next_treatment_date"].notna()]
    worse = frame[frame["progression_date"].notna()]
    parts = [
        _episode(frame, DISEASE, frame["first_seen_date"], None, 1),
        _episode(frame, REGIMEN, start, frame["infusion_date"] + 28 * _DAY, line),
        _episode(again, REGIMEN, again["next_treatment_date"], None, line[again.index] + 1),
        _episode(worse, PROGRESSION, worse["progression_date"], None, 1),
    ]
    out = pd.concat(parts, ignore_index=True)
    out.insert(0, "episode_id", _ids(out, 70_000_000))
    return out


def _episode(
    frame: pd.DataFrame,
    concept: int,
    start: pd.Series,
    end: pd.Series | None,
    number: pd.Series | int,
) -> pd.DataFrame:
    # A third of the warehouse's progressions came before the vocabulary had a concept for them.
    old = (frame["person_id"] % 3 == 0) & (concept == PROGRESSION)
    names = {REGIMEN: "LIGNE", DISEASE: "MALADIE", PROGRESSION: "PROGRESSION"}
    return pd.DataFrame(
        {
            "person_id": frame["person_id"],
            "episode_concept_id": np.where(old, 0, concept),
            "episode_start_date": start,
            "episode_end_date": pd.NaT if end is None else end,
            "episode_number": number,
            "episode_object_concept_id": 0,
            "episode_type_concept_id": EHR,
            "episode_source_value": names[concept],
        }
    )


def _graded(frame: pd.DataFrame, day: pd.Series, name: str, value: pd.Series) -> pd.DataFrame:
    return _long(frame, "observation", day).assign(
        value_as_number=value.astype(float), observation_source_value=name
    )


def _long(frame: pd.DataFrame, table: str, day: pd.Series) -> pd.DataFrame:
    """Person, a concept that is not mapped, and the day, under the names of a table."""
    start = f"{table}_start_date" if table == "condition" else f"{table}_date"
    return pd.DataFrame({"person_id": frame["person_id"], f"{table}_concept_id": 0, start: day})


def _ids(table: pd.DataFrame, first: int) -> np.ndarray:
    """Identifiers that stay with a row: the n-th row of a person keeps its number."""
    nth = table.groupby("person_id").cumcount().to_numpy()
    return np.asarray(first + table["person_id"].to_numpy() * 20 + nth)
