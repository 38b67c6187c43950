"""Writes one delivery of the warehouse: CSV of the OMOP tables, measurements as Parquet; its dirt.

Dirt that keeps a person from being linked, and dirt that does not, touch different persons.
"""

import datetime as dt
from pathlib import Path

import numpy as np
import pandas as pd

from simulation.omop import tables
from simulation.omop.people import known
from simulation.planting import Ledger, amount, duplicated, partition, pick
from simulation.streams import stream

KINDS = {
    "duplicate_rows.measurement": "measurements that are exact copies of another row",
    "exposure_in_two_bags": "infusions written as two exposures of one day and lot",
    "exposure_day_after": "infusions dated a day after they were given: no link by rule",
    "default_birth_date": "persons born on 1 January 1900 because nobody entered the date",
    "unknown_sex": "persons whose sex is neither a concept nor a source value",
    "unknown_code.product_code": "exposures to a cell therapy in no code list (L01XL99)",
    "concept_zero": "exposures to cells without a concept, known by their source value: no dirt, "
    "counted to be complete",
    "unreadable_date": "copies of conditions of 31 February: quarantined at the door",
    "missing_unit": "measurements without a unit",
    "measurement_after_death": "measurements validated three days after the death",
    "open_period": "observation periods that end in 2099 instead of at the last contact",
    "death_not_known": "deaths that the registry knows and the hospital does not: no dirt, counted",
    "not_in_cart_registry": "persons that the registry does not have: no dirt, counted",
}
UNLINKABLE = {
    "exposure_day_after": 0.03,
    "default_birth_date": 0.03,
    "unknown_sex": 0.02,
    "unknown_code.product_code": 0.01,
}
_HARMLESS = {"exposure_in_two_bags": 0.05, "open_period": 0.05}
_UNKNOWN = "L01XL99"


def spoilt_persons(frame: pd.DataFrame, delivery: dt.date, seed: int) -> dict[str, np.ndarray]:
    """Rows of `frame` (of `people.known`) by kind of dirt that touches a person."""
    rng = stream(seed, "omop.dirt.persons", delivery.isoformat())
    return partition(rng, len(frame), UNLINKABLE | _HARMLESS)


def write(folder: Path, persons: pd.DataFrame, delivery: dt.date, seed: int) -> Ledger:
    """Writes <table>.csv and measurement.parquet; returns the planted dirt."""
    frame = known(persons, delivery)
    chosen = spoilt_persons(frame, delivery, seed)
    rng = stream(seed, "omop.dirt", delivery.isoformat())
    ledger = Ledger(KINDS)
    number = frame["national_number"]
    for kind, rows in chosen.items():
        ledger.add(kind, number.iloc[rows])
    unheard = frame["registry_death_date"].notna() & frame["death_date"].isna()
    ledger.add("death_not_known", number[unheard & frame["in_registry"]])
    ledger.add("not_in_cart_registry", number[~frame["in_registry"]])
    of = frame.set_index("person_id")["national_number"]
    made = {
        "person": _spoil_person(tables.person(frame), chosen),
        "care_site": tables.care_site(),
        "observation_period": _open(tables.observation_period(frame), chosen),
        "death": tables.death(frame),
        "drug_exposure": _spoil_exposure(tables.drug_exposure(frame), frame, chosen, ledger, of),
        "condition_occurrence": tables.condition_occurrence(frame),
        "observation": tables.observation(frame),
        "episode": tables.episode(frame),
    }
    folder.mkdir(parents=True)
    for name, table in made.items():
        text = _texts(table)
        if name == "condition_occurrence":
            text = _impossible(text, ledger, of, rng)
        text.to_csv(folder / f"{name}.csv", index=False, lineterminator="\n", encoding="utf-8")
    values = _spoil_measurement(tables.measurement(frame, seed), frame, ledger, of, rng)
    _parquet(folder / "measurement.parquet", values)
    return ledger


def _spoil_person(table: pd.DataFrame, chosen: dict[str, np.ndarray]) -> pd.DataFrame:
    born = chosen["default_birth_date"]
    table.loc[born, ["year_of_birth", "month_of_birth", "day_of_birth"]] = [1900, 1, 1]
    table.loc[born, "birth_datetime"] = "1900-01-01 00:00:00"
    sexless = chosen["unknown_sex"]
    table.loc[sexless, "gender_concept_id"] = 0
    table.loc[sexless, "gender_source_value"] = ""
    return table


def _open(table: pd.DataFrame, chosen: dict[str, np.ndarray]) -> pd.DataFrame:
    table.loc[chosen["open_period"], "observation_period_end_date"] = pd.Timestamp("2099-12-31")
    return table


def _spoil_exposure(
    table: pd.DataFrame,
    frame: pd.DataFrame,
    chosen: dict[str, np.ndarray],
    ledger: Ledger,
    of: pd.Series,
) -> pd.DataFrame:
    cells = (table["lot_number"] != "").to_numpy()

    def rows(kind: str) -> np.ndarray:
        ids = frame["person_id"].to_numpy()[chosen[kind]]
        return np.flatnonzero(cells & table["person_id"].isin(ids).to_numpy())

    late = rows("exposure_day_after")
    for name in ("drug_exposure_start_date", "drug_exposure_end_date"):
        table.loc[late, name] = table.loc[late, name] + pd.Timedelta(days=1)
    unknown = rows("unknown_code.product_code")
    table.loc[unknown, ["drug_concept_id", "drug_source_value"]] = [0, _UNKNOWN]
    bag = table.iloc[rows("exposure_in_two_bags")]
    bag = bag.assign(drug_exposure_id=bag["drug_exposure_id"] + 10)
    zero = cells & (table["drug_concept_id"] == 0) & (table["drug_source_value"] != _UNKNOWN)
    ledger.add("concept_zero", of.loc[table.loc[zero, "person_id"]])
    both = pd.concat([table, bag], ignore_index=True)
    return both.sort_values(["person_id", "drug_exposure_id"], ignore_index=True)


def _impossible(
    text: pd.DataFrame, ledger: Ledger, of: pd.Series, rng: np.random.Generator
) -> pd.DataFrame:
    copied = text.iloc[pick(rng, np.arange(len(text)), amount(len(text)))]
    ledger.add("unreadable_date", of.loc[copied["person_id"]])
    start = copied["condition_start_date"].str[:4] + "-02-31"
    return pd.concat([text, copied.assign(condition_start_date=start)], ignore_index=True)


def _spoil_measurement(
    table: pd.DataFrame,
    frame: pd.DataFrame,
    ledger: Ledger,
    of: pd.Series,
    rng: np.random.Generator,
) -> pd.DataFrame:
    unitless = pick(rng, np.arange(len(table)), amount(len(table)))
    table.loc[unitless, "unit_source_value"] = None
    ledger.add("missing_unit", of.loc[table.loc[unitless, "person_id"]])
    dead = frame[frame["death_date"].notna()]
    dead = dead.iloc[pick(rng, np.arange(len(dead)), amount(len(dead), 0.03))]
    late = table.set_index("person_id").loc[dead["person_id"]].reset_index()
    late = late.drop_duplicates("person_id")
    late["measurement_id"] += 10
    late["measurement_date"] = dead["death_date"].to_numpy() + pd.Timedelta(days=3)
    late["unit_source_value"] = "UI/L"
    ledger.add("measurement_after_death", of.loc[late["person_id"]])
    clean = np.setdiff1d(np.arange(len(table)), unitless)
    copied = pick(rng, clean, amount(len(table)))
    ledger.add("duplicate_rows.measurement", of.loc[table.loc[copied, "person_id"]])
    kept = table.iloc[duplicated(len(table), copied)]
    return pd.concat([kept, late], ignore_index=True)


def _texts(table: pd.DataFrame) -> pd.DataFrame:
    """Dates as ISO days, whole numbers without a point."""
    days = {
        name: pd.to_datetime(table[name]).dt.strftime("%Y-%m-%d")
        for name in table
        if name.endswith("_date")
    }
    return table.assign(**days)


def _parquet(path: Path, table: pd.DataFrame) -> None:
    """Typed, as a warehouse writes it: integers, numbers, dates."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    days = pa.array(table["measurement_date"].to_numpy().astype("datetime64[D]"))
    made = pa.Table.from_pandas(table.drop(columns="measurement_date"), preserve_index=False)
    made = made.append_column("measurement_date", days)
    pq.write_table(made.replace_schema_metadata(None), path, compression="zstd")
