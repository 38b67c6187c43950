"""Plants in a CAR-T delivery the dirt real extracts have, and keeps the book of each kind.

Dirt never hides the truth from a careful reader: an unreadable date sits in a report that holds no
event, the true date of a death told twice is the earlier one, and an event after death is no event.
"""

import numpy as np
import pandas as pd

from simulation.calendar import french, plus
from simulation.cart.surveillance import KINDS as SURVEILLANCE_KINDS
from simulation.planting import Ledger, amount, duplicated, partition, pick

KINDS = {
    "duplicate_rows.patients": "rows of patients.csv that are exact copies of another row",
    "duplicate_rows.treatments": "rows of traitements.csv that are exact copies of another row",
    "duplicate_rows.follow_up": "rows of suivi_*.csv that are exact copies of another row",
    "death_told_twice": "patients with two death dates in two reports; the earlier one is true",
    "event_after_death": "reports of a next treatment and an assessment after the death",
    "unreadable_date": "reports whose visit date does not exist (31/02): quarantined at the door",
    "absurd_date": "reports whose visit date can be read but is in 1900 or 2091",
    "unknown_code.product_code": "treatments of a product in no code list",
    "unknown_code.response": "reports with a response in no code list",
    "unknown_code.death_cause": "deaths with a cause in no code list",
    "missing_unit": "treatments with an LDH value and no unit",
    "missing_value.ldh": "treatments without LDH",
    "missing_value.ecog": "treatments without ECOG",
    **SURVEILLANCE_KINDS,
}
UNKNOWN_CAUSE = "Z99"
_TREATMENT_SHARES = {
    "unknown_code.product_code": 0.004,
    "missing_unit": 0.015,
    "missing_value.ldh": 0.01,
    "missing_value.ecog": 0.01,
}
_SPOILT = {
    "unknown_code.product_code": {"PRODUIT": "CARTX-09"},
    "missing_unit": {"LDH_UNITE": ""},
    "missing_value.ldh": {"LDH": "", "LDH_UNITE": ""},
    "missing_value.ecog": {"ECOG": ""},
}


def plant(
    tables: dict[str, pd.DataFrame], known: pd.DataFrame, rng: np.random.Generator
) -> tuple[dict[str, pd.DataFrame], Ledger]:
    """The tables (patients, treatments, follow_up) with dirt, and the book of it.

    `known` is what `registry.known` gave; follow_up comes back with a column _year and without the
    other helpers.
    """
    ledger = Ledger(KINDS)
    spoilt = {
        "patients": tables["patients"].assign(_dirty=False),
        "treatments": _treatments(tables["treatments"], ledger, rng),
        "follow_up": _follow_up(tables["follow_up"], known, ledger, rng),
    }
    out = {}
    for name, table in spoilt.items():
        copied = pick(rng, np.flatnonzero(~table["_dirty"]), amount(len(table)))
        ledger.add(f"duplicate_rows.{name}", table["NO_PATIENT"].iloc[copied])
        if "_date" in table:
            table = table.assign(_year=table["_date"].dt.year)
        kept = [c for c in table if not c.startswith("_") or c == "_year"]
        out[name] = table[kept].iloc[duplicated(len(table), copied)].reset_index(drop=True)
    return out, ledger


def _treatments(table: pd.DataFrame, ledger: Ledger, rng: np.random.Generator) -> pd.DataFrame:
    table = table.assign(_dirty=False)
    for kind, rows in partition(rng, len(table), _TREATMENT_SHARES).items():
        for column, text in _SPOILT[kind].items():
            table.loc[rows, column] = text
        table.loc[rows, "_dirty"] = True
        ledger.add(kind, table.loc[rows, "NO_PATIENT"])
    return table


def _follow_up(
    table: pd.DataFrame, known: pd.DataFrame, ledger: Ledger, rng: np.random.Generator
) -> pd.DataFrame:
    table = table.assign(_dirty=False)
    death = known["death_date"].to_numpy().astype("datetime64[D]")
    room = known["lock_date"].to_numpy().astype("datetime64[D]") - death
    roomy = np.where(np.isnat(room), False, room >= np.timedelta64(60, "D"))
    twice = pick(rng, np.flatnonzero(roomy), amount(len(known)))
    untreated = roomy & known["next_treatment_date"].isna().to_numpy()
    untreated[twice] = False
    after = pick(rng, np.flatnonzero(untreated), amount(len(known)))
    extra = [_second_death(table, twice, death, rng), _after_death(table, after, death, rng)]
    ledger.add("death_told_twice", known["national_number"].iloc[twice])
    ledger.add("event_after_death", known["national_number"].iloc[after])
    table = _spoil_visits(table, amount(len(known)), ledger, rng)
    special = np.isin(table["_row"], np.concatenate([twice, after]))
    dead = (table["CAUSE_DECES"] != "").to_numpy() & ~special
    causes = pick(rng, np.flatnonzero(dead), amount(len(known), 0.004))
    table.loc[causes, "CAUSE_DECES"] = UNKNOWN_CAUSE
    table.loc[causes, "_dirty"] = True
    ledger.add("unknown_code.death_cause", table.loc[causes, "NO_PATIENT"])
    table = pd.concat([table, *(rows for rows in extra if len(rows))])
    return table.sort_values(["_row", "_index"], kind="stable", ignore_index=True)


def _spoil_visits(
    table: pd.DataFrame, count: int, ledger: Ledger, rng: np.random.Generator
) -> pd.DataFrame:
    """Unreadable and absurd visit dates and unknown responses, in reports that tell no event."""
    harmless = ~table["_last"] & ~table["_news"] & (table["_index"] >= 3)
    rows = rng.permutation(np.flatnonzero(harmless))[: 2 * count]
    unreadable, absurd = rows[0::2], rows[1::2]
    year = table.loc[unreadable, "DATE_VISITE"].str[-4:]
    table.loc[unreadable, "DATE_VISITE"] = "31/02/" + year
    odd = np.arange(len(absurd)) % 2 == 0
    table.loc[absurd, "DATE_VISITE"] = np.where(odd, "01/01/1900", "15/06/2091")
    table.loc[rows, "_dirty"] = True
    assessed = harmless & ~table["_dirty"] & ~table["REPONSE"].isin(["", "PD"])
    letters = pick(rng, np.flatnonzero(assessed), count)
    table.loc[letters, "REPONSE"] = "ZZ"
    table.loc[letters, "_dirty"] = True
    for kind, where in (
        ("unreadable_date", unreadable),
        ("absurd_date", absurd),
        ("unknown_code.response", letters),
    ):
        ledger.add(kind, table.loc[where, "NO_PATIENT"])
    return table


def _one_more_report(table: pd.DataFrame, patients: np.ndarray) -> pd.DataFrame:
    """The last report of each patient again, emptied, to be filled with something dirty."""
    last = table[table["_last"]].set_index("_row", drop=False).loc[patients]
    copy = last.reset_index(drop=True).assign(_dirty=True, _index=last["_index"].to_numpy() + 1)
    empty = [c for c in copy if c.startswith(("DATE_", "CRS", "ICANS", "REPONSE", "CAUSE"))]
    copy[empty] = ""
    return copy.assign(PROGRESSION="N", NOUVEAU_TRAITEMENT="N", _news=False)


def _second_death(
    table: pd.DataFrame, patients: np.ndarray, death: np.ndarray, rng: np.random.Generator
) -> pd.DataFrame:
    copy = _one_more_report(table, patients)
    later = plus(death[patients], rng.integers(3, 31, len(patients)))
    text = french(later)
    return copy.assign(DATE_DECES=text, DATE_DERNIERES_NOUVELLES=text, _date=later)


def _after_death(
    table: pd.DataFrame, patients: np.ndarray, death: np.ndarray, rng: np.random.Generator
) -> pd.DataFrame:
    copy = _one_more_report(table, patients)
    later = plus(death[patients], rng.integers(5, 55, len(patients)))
    text = french(later)
    return copy.assign(
        DATE_VISITE=text,
        DATE_DECES=french(death[patients]),
        DATE_DERNIERES_NOUVELLES=text,
        DATE_EVAL=text,
        REPONSE="MS",
        NOUVEAU_TRAITEMENT="O",
        DATE_NOUVEAU_TRAITEMENT=text,
        _date=later,
    )
