"""Transplant registry, pharmacy and stays hold the dirt counted, by an independent reading."""

import datetime as dt
from collections import Counter
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from tests.lib.simulated_files import delivered, truth
from tests.lib.simulated_workbooks import Row, distinct, error_cells, sheet

DAYS = ("2025-06-30", "2026-06-30")
NUMBER = (int, float)


def counted(home: Path, day: str, source: str) -> dict[str, int]:
    return dict(truth(home, "dirt.json")["counts"][day][source])


def french(text: str) -> dt.date | None:
    try:
        return dt.datetime.strptime(text, "%d/%m/%Y").date()
    except ValueError:
        return None


def cart(home: Path, day: str, name: str) -> dict[str, dict[str, str]]:
    folder = home / "landing/cart_registry" / day
    return {row["NO_PATIENT"]: row for row in delivered(folder / f"{name}.csv")}


@pytest.mark.parametrize("day", DAYS)
def test_the_pharmacy_holds_the_dirt_counted(home: Path, day: str) -> None:
    path = home / "landing/pharmacy" / day / "pharmacie_mti.xlsx"
    raw = {name: sheet(path, name) for name in ("COMMANDES", "LOTS", "DISPENSATIONS")}
    orders, batches, given = (distinct(rows) for rows in raw.values())
    by_order = {row["NO_COMMANDE"]: row for row in orders}
    order_of = {row["NO_LOT"]: by_order[row["NO_COMMANDE"]] for row in batches}
    told = cart(home, day, "traitements")
    found = {
        "duplicate_rows.orders": len(raw["COMMANDES"]) - len(orders),
        "duplicate_rows.batches": len(raw["LOTS"]) - len(batches),
        "duplicate_rows.dispensations": len(raw["DISPENSATIONS"]) - len(given),
        "identity_code_differs": sum(
            row["CODE_COI"] != order_of[row["NO_LOT"]]["CODE_COI"] for row in given
        ),
        "patient_differs": sum(
            row["NO_PATIENT"] != order_of[row["NO_LOT"]]["NO_PATIENT"] for row in given
        ),
        "identity_code_missing": sum(row["CODE_COI"] == "" for row in batches),
        "release_before_receipt": sum(
            row["DATE_LIBERATION"] != "" and row["DATE_LIBERATION"] < row["DATE_RECEPTION"]
            for row in batches
        ),
        "order_date_differs": sum(
            row["DATE_COMMANDE"] != french(told[row["NO_PATIENT"]]["DATE_COMMANDE"])
            for row in orders
        ),
        "dispensation_date_differs": sum(
            row["DATE_DISPENSATION"]
            != french(told[order_of[row["NO_LOT"]]["NO_PATIENT"]]["DATE_PERFUSION"])
            for row in given
        ),
        "error_cell": error_cells(path),
        "date_as_number": sum(isinstance(row["DATE_ANNULATION"], NUMBER) for row in orders),
        "unknown_code.product_code": sum(row["PRODUIT"] == "CARTX-09" for row in orders),
    }
    assert found == counted(home, day, "pharmacy")
    assert min(found.values()) >= 1


@pytest.mark.parametrize("day", DAYS)
def test_the_stays_hold_the_dirt_counted(home: Path, day: str) -> None:
    folder = home / "landing/pmsi" / day
    raw = [row for path in sorted(folder.glob("sejours_*.csv")) for row in delivered(path)]
    places = ((0, 12), (12, 16), (16, 20)) if day > "2026" else ((0, 10), (10, 13), (13, 16))
    lines = [
        line
        for path in sorted(folder.glob("unites_*.txt"))
        for line in path.read_text(encoding="iso-8859-15").splitlines()
    ]
    assert {len(line) for line in lines} == {places[-1][1]}
    units = [tuple(line[start:end].strip() for start, end in places) for line in lines]
    assert {kind for _, kind, _ in units} == {"REA", "USC"}
    assert all(stay.startswith("S") and days.isdigit() for stay, _, days in units)
    stays = distinct([dict(row) for row in raw])
    people = {
        row["national_number"]: row["death_date"]
        for row in pq.read_table(home / f"truth/cart_registry/{day}.parquet").to_pylist()
    }
    deaths = {number: died.date() for number, died in people.items() if died is not None}
    found: Counter[str] = Counter(
        {
            "duplicate_rows.stays": len(raw) - len(stays),
            "duplicate_rows.units": len(units) - len(set(units)),
        }
    )
    for row in stays:
        enters, leaves = french(row["DATE_ENTREE"]), french(row["DATE_SORTIE"])
        died = deaths.get(row["NO_PATIENT"])
        assert enters is not None
        found["unreadable_date"] += leaves is None
        found["discharge_before_admission"] += leaves is not None and leaves < enters
        found["stay_after_death"] += died is not None and enters > died
        found["ungroupable"] += row["GHM"] == "90Z00Z"
        found["missing_value.cost"] += row["COUT_EUR"] == ""
        found["unknown_patient"] += row["NO_PATIENT"] not in people
        found["death_date_differs"] += row["MODE_SORTIE"] == "9" and leaves != died
    assert dict(found) == counted(home, day, "pmsi")
    assert min(found.values()) >= 1


def _told(form: Row, shift: int) -> list[tuple[str, float, dt.date | None]]:
    """Kind, status and onset of the events of a form; questions after Q2 moved by `shift`."""
    places = {"progression": 7, "second_malignancy": 29, "next_treatment": 31}
    places |= {"crs": 9, "icans": 13, "infection": 17, "infection_2": 21, "cytopenia": 25}
    rows = [
        (kind.removesuffix("_2"), form[f"Q{q + shift}"], form[f"Q{q + 1 + shift}"] or None)
        for kind, q in places.items()
    ]
    return [row for row in rows if row[1]]


@pytest.mark.parametrize("day", DAYS)
def test_the_transplant_registry_holds_the_dirt_counted(home: Path, day: str) -> None:
    path = home / "landing/transplant_registry" / day / "cell_therapy_export.xlsx"
    people = sheet(path, "PATIENTS")
    raw = {shift: sheet(path, f"FOLLOW_UP_V{shift + 1}") for shift in (0, 1)}
    forms = {shift: distinct(rows) for shift, rows in raw.items()}
    assert min(map(len, forms.values())) > 50, "both revisions of the form are delivered"
    found = Counter(
        {
            "duplicate_rows.patients": len(people) - len(distinct(people)),
            "duplicate_rows.follow_up": sum(len(raw[s]) - len(forms[s]) for s in raw),
            "error_cell": error_cells(path),
        }
    )
    onsets: dict[tuple[str, str], dict[dt.date, int]] = {}
    ordered = sorted(
        ((form["Q1"], shift, form) for shift, rows in forms.items() for form in rows),
        key=lambda item: item[0],
    )
    deaths = {}
    for _, shift, form in ordered:
        found["date_as_number"] += isinstance(form[f"Q{6 + shift}"], NUMBER)
        found["unknown_code.response"] += form[f"Q{5 + shift}"] == 77
        if form["Q2"] == 2:
            deaths[form["REGISTRY_ID"]] = form[f"Q{3 + shift}"]
        for kind, status, onset in _told(form, shift):
            known = onsets.setdefault((form["REGISTRY_ID"], kind), {})
            if onset is None:
                continue
            if status == 1:
                found["not_flagged_again"] += onset in known
            else:
                found["onset_changed"] += onset not in known
            known[onset] = known.get(onset, 0) + 1
    found += _differences(home, day, distinct(people), sheet(path, "TREATMENTS"), deaths)
    assert dict(found) == counted(home, day, "transplant_registry")
    assert min(found.values()) >= 1


def _differences(
    home: Path, day: str, people: list[Row], treatments: list[Row], deaths: dict[str, dt.date]
) -> Counter[str]:
    """What the registry tells otherwise of the patients that truth finds in the CAR-T registry."""
    links = pq.read_table(home / f"truth/transplant_registry/{day}.parquet").to_pylist()
    number = {row["registry_id"]: row["national_number"] for row in links}
    true = {
        row["national_number"]: row
        for row in pq.read_table(home / f"truth/cart_registry/{day}.parquet").to_pylist()
    }
    found: Counter[str] = Counter()
    for row in people:
        same = true.get(number[row["REGISTRY_ID"]])
        found["sex_differs"] += same is not None and (row["SEX"] == 1) != (same["male"] == 1)
    for row in treatments:
        same = true.get(number[row["REGISTRY_ID"]])
        if same is not None:
            found["infusion_date_differs"] += row["INFUSION_DATE"] != same["infusion_date"].date()
            died = deaths.get(row["REGISTRY_ID"])
            found["death_date_differs"] += died is not None and died != same["death_date"].date()
    return found


@pytest.mark.parametrize("day", DAYS)
def test_people_of_the_transplant_registry_can_be_linked_but_for_some(home: Path, day: str) -> None:
    rows = pq.read_table(home / f"truth/transplant_registry/{day}.parquet").to_pylist()
    links = Counter(row["link"] for row in rows)
    dirt = counted(home, day, "transplant_registry")
    unmapped = counted(home, day, "cart_registry")["unknown_code.product_code"]
    told_otherwise = dirt["sex_differs"] + dirt["infusion_date_differs"]
    assert links["linked"] > 100
    assert links["ambiguous"] >= 4
    assert told_otherwise <= links["fields_differ"] <= told_otherwise + unmapped
    assert all(row["national_number"] for row in rows if row["link"] in ("linked", "fields_differ"))
    # Of two patients that no field tells apart, one is the CAR-T registry's and one is not.
    apart = Counter(bool(row["national_number"]) for row in rows if row["link"] == "ambiguous")
    assert apart[True] == apart[False]


def test_a_form_of_an_earlier_delivery_is_told_the_same_in_the_next(home: Path) -> None:
    """But for the last form of each patient, which the next delivery puts at a later date."""
    regular = []
    for day in DAYS:
        path = home / "landing/transplant_registry" / day / "cell_therapy_export.xlsx"
        rows = distinct(sheet(path, "FOLLOW_UP_V1"))
        regular.append({(r["REGISTRY_ID"], r["PERIOD"]): r["Q1"] for r in rows})
    same = [key for key in regular[0] if regular[1].get(key) == regular[0][key]]
    assert len(same) > 0.95 * len(regular[0])
