"""Plants in a CAR-T delivery the dirt real extracts have, and counts each kind exactly.

Dirt never hides the truth from a careful reader: an unreadable date sits in a report that holds no
event, the true date of a death told twice is the earlier one, and an event after death is no event.
"""

import numpy as np
import pandas as pd

from simulation.calendar import french, plus

SHARE = 0.01
"""Share of patients (or rows) each kind touches, at least one."""

KINDS = {
    "duplicate_rows.patients": "rows of patients.csv that are exact copies of another row",
    "duplicate_rows.treatments": "rows of traitements.csv that are exact copies of another row",
    "duplicate_rows.follow_up": "rows of suivi_*.csv that are exact copies of another row",
    "death_told_twice": "patients with two death dates in two reports; the earlier one is true",
    "event_after_death": "reports with a next treatment and an assessment after the death",
    "unreadable_date": "reports whose visit date does not exist (31/02): quarantined at the door",
    "absurd_date": "reports whose visit date can be read but is in 1900 or 2091",
    "unknown_code.product_code": "treatments of a product in no code list",
    "unknown_code.response": "reports with a response in no code list",
    "unknown_code.death_cause": "deaths with a cause in no code list",
    "missing_unit": "treatments with an LDH value and no unit",
    "missing_value.ldh": "treatments without LDH",
    "missing_value.ecog": "treatments without ECOG",
    "renamed_header": "1 when assessment dates are headed DATE_EVALUATION, else 0",
}


def amount(size: int, share: float = SHARE) -> int:
    """How many of `size` are touched."""
    return min(size, max(1, round(size * share)))


def plant(
    tables: dict[str, pd.DataFrame], known: pd.DataFrame, rng: np.random.Generator
) -> dict[str, int]:
    """Changes `tables` (patients, treatments, follow_up) in place; returns the count of each kind."""
    counts: dict[str, int] = {}
    tables["treatments"], found = _treatments(tables["treatments"], rng)
    counts |= found
    tables["follow_up"], found = _follow_up(tables["follow_up"], known, rng)
    counts |= found
    for name, table in tables.items():
        clean = table.drop(columns=[c for c in table if c.startswith("_")])
        touched = table["_dirty"].to_numpy() if "_dirty" in table else np.zeros(len(table), bool)
        copied = pick(rng, np.flatnonzero(~touched), amount(len(table)))
        order = np.sort(np.concatenate([np.arange(len(table)), copied]), kind="stable")
        if "_date" in table:
            clean["_year"] = table["_date"].dt.year
        tables[name] = clean.iloc[order].reset_index(drop=True)
        counts[f"duplicate_rows.{name}"] = len(copied)
    return counts


def pick(rng: np.random.Generator, candidates: np.ndarray, count: int) -> np.ndarray:
    """At most `count` of the candidates, drawn without replacement, in ascending order."""
    return np.sort(rng.permutation(candidates)[:count])


def _treatments(
    table: pd.DataFrame, rng: np.random.Generator
) -> tuple[pd.DataFrame, dict[str, int]]:
    table = table.copy()
    parts = _partition(
        rng, len(table), {"product": 0.004, "unit": 0.015, "ldh": 0.01, "ecog": 0.01}
    )
    table.loc[parts["product"], "PRODUIT"] = "CARTX-09"
    table.loc[parts["unit"], "LDH_UNITE"] = ""
    table.loc[parts["ldh"], ["LDH", "LDH_UNITE"]] = ""
    table.loc[parts["ecog"], "ECOG"] = ""
    table["_dirty"] = np.isin(np.arange(len(table)), np.concatenate(list(parts.values())))
    return table, {
        "unknown_code.product_code": len(parts["product"]),
        "missing_unit": len(parts["unit"]),
        "missing_value.ldh": len(parts["ldh"]),
        "missing_value.ecog": len(parts["ecog"]),
    }


def _partition(
    rng: np.random.Generator, size: int, shares: dict[str, float]
) -> dict[str, np.ndarray]:
    """Disjoint random sets of rows, one a kind."""
    order, at = rng.permutation(size), 0
    parts: dict[str, np.ndarray] = {}
    for name, share in shares.items():
        count = amount(size, share) if at < size else 0
        parts[name] = np.sort(order[at : at + count])
        at += count
    return parts


def _follow_up(
    table: pd.DataFrame, known: pd.DataFrame, rng: np.random.Generator
) -> tuple[pd.DataFrame, dict[str, int]]:
    table = table.assign(_dirty=False)
    count = amount(len(known))
    death = known["death_date"].to_numpy().astype("datetime64[D]")
    room = (known["lock_date"].to_numpy().astype("datetime64[D]") - death).astype(float)
    roomy = ~np.isnat(death) & (np.nan_to_num(room, nan=-1.0) >= 60.0)
    twice = pick(rng, np.flatnonzero(roomy), count)
    untreated = roomy & known["next_treatment_date"].isna().to_numpy()
    untreated[twice] = False
    after = pick(rng, np.flatnonzero(untreated), count)
    extra = pd.concat(
        [_second_death(table, twice, death, rng), _after_death(table, after, death, rng)]
    )
    harmless = (~table["_last"] & ~table["_news"] & (table["_index"] >= 3)).to_numpy()
    rows = pick(rng, np.flatnonzero(harmless), 3 * count)
    rows = rng.permutation(rows)
    unreadable, absurd, letters = np.array_split(rows, 3)
    table.loc[unreadable, "DATE_VISITE"] = "31/02/" + table.loc[unreadable, "DATE_VISITE"].str[-4:]
    table.loc[absurd, "DATE_VISITE"] = np.where(
        np.arange(len(absurd)) % 2 == 0, "01/01/1900", "15/06/2091"
    )
    letters = letters[(table.loc[letters, "REPONSE"] != "").to_numpy()]
    table.loc[letters, "REPONSE"] = "ZZ"
    special = np.isin(table["_row"], np.concatenate([twice, after]))
    dead = (table["CAUSE_DECES"] != "").to_numpy() & ~special
    causes = pick(rng, np.flatnonzero(dead), amount(len(known), 0.004))
    table.loc[causes, "CAUSE_DECES"] = "Z99"
    table.loc[np.concatenate([rows, causes]), "_dirty"] = True
    table = pd.concat([table, extra]).sort_values(["_row", "_index"], kind="stable")
    return table.reset_index(drop=True), {
        "death_told_twice": len(twice),
        "event_after_death": len(after),
        "unreadable_date": len(unreadable),
        "absurd_date": len(absurd),
        "unknown_code.response": len(letters),
        "unknown_code.death_cause": len(causes),
    }


def _last_reports(table: pd.DataFrame, patients: np.ndarray) -> pd.DataFrame:
    """A dirty copy of the last report of each patient, to be changed into one more report."""
    last = table[table["_last"]].set_index("_row", drop=False).loc[patients]
    copy = last.reset_index(drop=True).assign(_dirty=True, _index=last["_index"].to_numpy() + 1)
    empty = [c for c in copy if c.startswith(("DATE_", "CRS", "ICANS", "REPONSE", "CAUSE"))]
    copy[empty] = ""
    return copy.assign(PROGRESSION="N", NOUVEAU_TRAITEMENT="N", _news=False)


def _second_death(
    table: pd.DataFrame, patients: np.ndarray, death: np.ndarray, rng: np.random.Generator
) -> pd.DataFrame:
    copy = _last_reports(table, patients)
    later = plus(death[patients], rng.integers(3, 31, len(patients)))
    return copy.assign(
        DATE_DECES=french(later), DATE_DERNIERES_NOUVELLES=french(later), _date=later
    )


def _after_death(
    table: pd.DataFrame, patients: np.ndarray, death: np.ndarray, rng: np.random.Generator
) -> pd.DataFrame:
    copy = _last_reports(table, patients)
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
