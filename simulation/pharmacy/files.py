"""Writes one delivery of the pharmacy: a workbook of orders, batches and dispensations, with dirt.

Dirt hides no circuit: what cannot be read is a date that no delay is made of.
"""

import datetime as dt
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from simulation.calendar import plus
from simulation.pharmacy.circuit import circuit, of_the_group
from simulation.planting import Ledger, amount, duplicated, partition, pick
from simulation.products import AXI, BREXU, TISA
from simulation.streams import stream
from simulation.workbook import ErrorCell, excel_days, write_workbook

KINDS = {
    "duplicate_rows.orders": "rows of COMMANDES that are exact copies of another row",
    "duplicate_rows.batches": "rows of LOTS that are exact copies of another row",
    "duplicate_rows.dispensations": "rows of DISPENSATIONS that are exact copies of another row",
    "identity_code_differs": "dispensations under another chain-of-identity code than the order's",
    "patient_differs": "dispensations to another patient than the one of the order",
    "identity_code_missing": "batches received without a chain-of-identity code",
    "release_before_receipt": "batches released a day before they were received",
    "order_date_differs": "orders whose date is not the CAR-T registry's",
    "dispensation_date_differs": "dispensations the day before the infusion of the registry",
    "error_cell": "batches whose expiry date is an error cell (#REF!): quarantined at the door",
    "date_as_number": "cancelled orders whose date of cancellation is a bare number: quarantined",
    "unknown_code.product_code": "orders of a product in no code list",
}
_PRODUCTS = {AXI: "Yescarta", TISA: "Kymriah", BREXU: "Tecartus"}
_NAT = np.datetime64("NaT", "D")
_ON_DISPENSED = {
    "identity_code_differs": 0.012,
    "patient_differs": 0.012,
    "identity_code_missing": 0.012,
    "release_before_receipt": 0.012,
    "order_date_differs": 0.012,
    "dispensation_date_differs": 0.012,
}


@dataclass(frozen=True)
class Delivered:
    """What a delivery holds: its dirt, and each circuit as a perfect reader finds it."""

    ledger: Ledger
    circuits: pd.DataFrame


def write(folder: Path, known: pd.DataFrame, delivery: dt.date, seed: int) -> Delivered:
    """Writes pharmacie_mti.xlsx of the patients that `cart.registry.known` gave."""
    rng = stream(seed, "pharmacy.dirt", delivery.isoformat())
    ledger = Ledger(KINDS)
    made = circuit(of_the_group(known), seed)
    told, chain = _spoilt(made, ledger, rng)
    sheets = {
        "orders": _orders(told, ledger, rng),
        "batches": _batches(told, ledger, rng),
        "dispensations": _dispensations(told),
    }
    for name, table in sheets.items():
        copied = pick(rng, np.flatnonzero(~table["_dirty"]), amount(len(table)))
        ledger.add(f"duplicate_rows.{name}", table["_number"].iloc[copied])
        kept = [column for column in table if not column.startswith("_")]
        sheets[name] = table[kept].iloc[duplicated(len(table), copied)]
    folder.mkdir(parents=True)
    names = {"orders": "COMMANDES", "batches": "LOTS", "dispensations": "DISPENSATIONS"}
    write_workbook(
        folder / "pharmacie_mti.xlsx", {names[name]: table for name, table in sheets.items()}
    )
    columns = [c for c in made if c.endswith("_date") or c in ("national_number", "order_id")]
    return Delivered(ledger, told[columns].assign(outcome=made["outcome"], chain=chain))


def _spoilt(
    made: pd.DataFrame, ledger: Ledger, rng: np.random.Generator
) -> tuple[pd.DataFrame, np.ndarray]:
    """The circuits as they are told, and the state of each chain of identity."""
    told = made.assign(
        batch_code=made["identity_code"],
        dispensed_code=made["identity_code"],
        dispensed_to=made["national_number"],
    )
    dispensed = np.flatnonzero(made["dispensation_date"].notna())
    parts = {
        kind: dispensed[rows]
        for kind, rows in partition(rng, len(dispensed), _ON_DISPENSED).items()
    }
    wrong, other = parts["identity_code_differs"], parts["patient_differs"]
    told.loc[wrong, "dispensed_code"] = made["identity_code"].to_numpy()[wrong - 1]
    told.loc[other, "dispensed_to"] = made["national_number"].to_numpy()[other - 1]
    told.loc[parts["identity_code_missing"], "batch_code"] = ""
    early = parts["release_before_receipt"]
    told.loc[early, "release_date"] = _day_before(made, "receipt_date", early)
    for kind, column in (
        ("order_date_differs", "order_date"), ("dispensation_date_differs", "dispensation_date"),
    ):  # fmt: skip
        rows = parts[kind]
        told.loc[rows, column] = _day_before(made, column, rows)
    for kind, rows in parts.items():
        ledger.add(kind, made["national_number"].iloc[rows])
    chain = np.where(made["dispensation_date"].notna(), "intact", "pending").astype(object)
    chain[parts["identity_code_missing"]] = "incomplete"
    chain[np.concatenate([wrong, other])] = "broken"
    return told, chain


def _days(frame: pd.DataFrame, column: str) -> np.ndarray:
    return np.asarray(frame[column].to_numpy().astype("datetime64[D]"))


def _day_before(frame: pd.DataFrame, column: str, rows: np.ndarray) -> np.ndarray:
    return plus(_days(frame, column)[rows], np.full(len(rows), -1.0))


def _orders(told: pd.DataFrame, ledger: Ledger, rng: np.random.Generator) -> pd.DataFrame:
    order = _days(told, "order_date")
    product = told["product"].map(_PRODUCTS).to_numpy(dtype=object, copy=True)
    cancelled = excel_days(np.where(told["cancelled"], plus(order, np.full(len(told), 30.0)), _NAT))
    unknown = pick(rng, np.flatnonzero(told["dispensation_date"].isna()), amount(len(told), 0.005))
    bare = np.setdiff1d(np.flatnonzero(told["cancelled"]), unknown)
    bare = pick(rng, bare, amount(len(told), 0.005))
    product[unknown] = "CARTX-09"
    cancelled[bare] = [(day - dt.date(1899, 12, 30)).days for day in cancelled[bare]]
    ledger.add("unknown_code.product_code", told["national_number"].iloc[unknown])
    ledger.add("date_as_number", told["national_number"].iloc[bare])
    return pd.DataFrame(
        {
            "NO_COMMANDE": told["order_id"],
            "NO_PATIENT": told["national_number"],
            "NOM_NAISSANCE": told["surname"],
            "PRODUIT": product,
            "CODE_COI": told["identity_code"],
            "DATE_COMMANDE": excel_days(order),
            "DATE_ANNULATION": cancelled,
            "_number": told["national_number"],
            "_dirty": np.isin(np.arange(len(told)), [*unknown, *bare]),
        }
    )


def _batches(told: pd.DataFrame, ledger: Ledger, rng: np.random.Generator) -> pd.DataFrame:
    told = told[told["outcome"] != ""].reset_index(drop=True)
    receipt = _days(told, "receipt_date")
    expiry = excel_days(plus(receipt, np.full(len(told), 180.0)))
    idle = told["dispensation_date"].isna() & told["receipt_date"].notna()
    errors = pick(rng, np.flatnonzero(idle), amount(len(told), 0.01))
    expiry[errors] = ErrorCell("#REF!")
    ledger.add("error_cell", told["national_number"].iloc[errors])
    return pd.DataFrame(
        {
            "NO_LOT": told["batch_number"],
            "NO_COMMANDE": told["order_id"],
            "CODE_COI": told["batch_code"],
            "DATE_RECEPTION": excel_days(receipt),
            "CONFORMITE": told["outcome"],
            "DATE_LIBERATION": excel_days(_days(told, "release_date")),
            "DATE_PEREMPTION": expiry,
            "_number": told["national_number"],
            "_dirty": np.isin(np.arange(len(told)), errors),
        }
    )


def _dispensations(told: pd.DataFrame) -> pd.DataFrame:
    told = told[told["dispensation_date"].notna()]
    return pd.DataFrame(
        {
            "NO_DISPENSATION": told["dispensation_id"],
            "NO_LOT": told["batch_number"],
            "NO_PATIENT": told["dispensed_to"],
            "CODE_COI": told["dispensed_code"],
            "DATE_DISPENSATION": excel_days(_days(told, "dispensation_date")),
            "_number": told["national_number"],
            "_dirty": False,
        }
    )
