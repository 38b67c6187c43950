"""The dirt counted in truth is what an independent reading of the files finds, kind by kind."""

import datetime as dt
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from tests.lib.simulated_files import decoded, delivered, follow_up, lines, truth

DAYS = ("2025-06-30", "2026-06-30")


def copies(rows: list[Any]) -> int:
    return len(rows) - len(set(rows))


def french(text: str) -> dt.date:
    return dt.datetime.strptime(text, "%d/%m/%Y").date()


def readable(text: str) -> bool:
    try:
        french(text)
    except ValueError:
        return False
    return True


def distinct(rows: list[dict[str, str]]) -> list[dict[str, str]]:
    return [dict(row) for row in dict.fromkeys(tuple(row.items()) for row in rows)]


SUPPORT = {"HYPOTENSION": {"0": 1}, "OXYGENE": {"LUNETTES": 2}, "VASOPRESSEURS": {"1": 3, "2": 4}}


def _discordant(reports: list[dict[str, str]], readings: list[dict[str, str]]) -> int:
    """Treatments in fever whose support is not that of the grade of CRS reported."""
    reported = {row["NO_TRAITEMENT"]: int(row["CRS_GRADE"] or 0) for row in reversed(reports)}
    graded = {
        row["NO_TRAITEMENT"]: SUPPORT[row["PARAMETRE"]][row["VALEUR"]]
        for row in readings
        if row["PARAMETRE"] in SUPPORT
    }
    return sum(reported[treatment] != grade for treatment, grade in graded.items())


@pytest.mark.parametrize("day", DAYS)
def test_the_cart_registry_holds_the_dirt_counted(home: Path, day: str) -> None:
    folder = home / "landing/cart_registry" / day
    raw = {
        "patients": delivered(folder / "patients.csv"),
        "treatments": delivered(folder / "traitements.csv"),
        "follow_up": follow_up(folder),
        "surveillance": delivered(folder / "surveillance.csv"),
    }
    found = {
        f"duplicate_rows.{name}": copies([tuple(row.items()) for row in rows])
        for name, rows in raw.items()
    }
    treatments, reports = distinct(raw["treatments"]), distinct(raw["follow_up"])
    brands = {"YESCARTA", "KYMRIAH", "TECARTUS"}
    causes = {"", "PROGRESSION", "SRC", "ICANS", "INFECTION", "SECOND_CANCER", "CARDIAQUE"}
    causes |= {"AUTRE", "INCONNUE"}
    visits = [row["DATE_VISITE"] for row in reports if row["DATE_VISITE"]]
    deaths = defaultdict(set)
    for row in reports:
        if row["DATE_DECES"]:
            deaths[row["NO_PATIENT"]].add(french(row["DATE_DECES"]))
    found |= {
        "grade_differs_from_components": _discordant(reports, distinct(raw["surveillance"])),
        "death_told_twice": sum(len(days) > 1 for days in deaths.values()),
        "event_after_death": sum(
            french(row["DATE_NOUVEAU_TRAITEMENT"]) > min(deaths[row["NO_PATIENT"]])
            for row in reports
            if row["DATE_NOUVEAU_TRAITEMENT"] and row["NO_PATIENT"] in deaths
        ),
        "unreadable_date": sum(not readable(text) for text in visits),
        "absurd_date": sum(
            not 2019 <= french(text).year <= 2026 for text in visits if readable(text)
        ),
        "unknown_code.product_code": sum(row["PRODUIT"] not in brands for row in treatments),
        "unknown_code.response": sum(
            row["REPONSE"] not in {"", "RC", "RP", "MS", "PD"} for row in reports
        ),
        "unknown_code.death_cause": sum(row["CAUSE_DECES"] not in causes for row in reports),
        "missing_unit": sum(row["LDH"] != "" and row["LDH_UNITE"] == "" for row in treatments),
        "missing_value.ldh": sum(row["LDH"] == "" for row in treatments),
        "missing_value.ecog": sum(row["ECOG"] == "" for row in treatments),
    }
    assert found == truth(home, "dirt.json")["counts"][day]["cart_registry"]
    assert min(found.values()) >= 1


def test_the_assessment_date_is_headed_anew_in_the_delivery_truth_names(home: Path) -> None:
    renamed = truth(home, "dirt.json")["header_renamed"]
    for day in DAYS:
        header = list(follow_up(home / "landing/cart_registry" / day)[0])
        now = renamed["to"] if day in renamed["deliveries"] else renamed["from"]
        gone = {renamed["to"], renamed["from"]} - {now}
        assert now in header
        assert not gone & set(header)
    assert renamed["deliveries"] == ["2026-06-30"]


@pytest.mark.parametrize("day", DAYS)
def test_the_reported_outcomes_hold_the_dirt_counted(home: Path, day: str) -> None:
    folder = home / "landing/epro" / day
    forms = {form["id"]: form for form in decoded(folder)}
    deaths: dict[str, dt.date] = {}
    for row in follow_up(home / "landing/cart_registry" / day):
        if row["DATE_DECES"]:
            died = french(row["DATE_DECES"])
            deaths[row["NO_PATIENT"]] = min(died, deaths.get(row["NO_PATIENT"], died))
    found = Counter(
        {
            "duplicate_rows": copies(lines(folder)),
            "unreadable_line": len(lines(folder)) - len(decoded(folder)),
        }
    )
    for form in forms.values():
        number = form["subject"]["identifier"]["value"]
        answers = {item["linkId"]: item["answer"][0] for item in form.get("item", [])}
        found["unknown_code.instrument"] += "qlq-x99" in form["questionnaire"]
        found["answer_out_of_range"] += answers.get("vas", {}).get("valueInteger", 0) > 100
        found["form_not_filled"] += form["status"] == "stopped"
        authored = dt.date.fromisoformat(form["authored"][:10])
        found["form_after_death"] += authored > deaths.get(number, authored)
    assert dict(found) == truth(home, "dirt.json")["counts"][day]["epro"]
    assert min(found.values()) >= 1


@pytest.mark.parametrize("day", DAYS)
def test_the_gene_therapy_registry_holds_the_dirt_counted(home: Path, day: str) -> None:
    folder = home / "landing/gene_therapy_registry" / day
    tables = {path.stem: pq.read_table(path).to_pylist() for path in folder.glob("*.parquet")}
    events = {row["event_id"]: row for row in tables["events"]}.values()
    observations = [dict(row) for row in {tuple(row.items()) for row in tables["observations"]}]
    deaths = {row["patient_id"]: row["death_date"] for row in tables["patients"]}
    cart = delivered(home / "landing/cart_registry" / day / "patients.csv")
    in_cart = {row["NO_PATIENT"] for row in cart}
    cart_deaths: dict[str, str] = {}
    for row in follow_up(home / "landing/cart_registry" / day):
        if row["DATE_DECES"]:
            died = french(row["DATE_DECES"]).isoformat()
            cart_deaths[row["NO_PATIENT"]] = min(died, cart_deaths.get(row["NO_PATIENT"], died))
    listed = {"transfusion", "transfusion_independence", "permanent_ventilation", "bleed"}
    listed |= {"motor_milestone", "prolonged_cytopenia", "infection"}
    found = {
        "duplicate_rows.events": len(tables["events"]) - len(events),
        "duplicate_rows.observations": copies([tuple(r.items()) for r in tables["observations"]]),
        "unreadable_date": sum(row["observed_at"][4:10] == "-02-31" for row in observations),
        "absurd_date": sum(row["observed_at"] < "1950" for row in observations),
        "missing_unit": sum(row["unit"] is None for row in observations),
        "unknown_code.event_type": sum(row["event_type"] not in listed for row in events),
        "event_after_death": sum(
            row["event_date"] > (deaths[row["patient_id"]] or "9") for row in events
        ),
        "death_differs_between_registries": sum(
            number in cart_deaths and day_here is not None and day_here != cart_deaths[number]
            for number, day_here in deaths.items()
        ),
        "also_in_cart_registry": len(in_cart & set(deaths)),
    }
    assert found == truth(home, "dirt.json")["counts"][day]["gene_therapy_registry"]
    assert found["also_in_cart_registry"] >= 2


def test_every_kind_is_defined_and_every_row_booked(home: Path) -> None:
    dirt = truth(home, "dirt.json")
    rows = pq.read_table(home / "truth/dirt_rows.parquet").to_pylist()
    booked = Counter((row["delivery"], row["source"], row["kind"]) for row in rows)
    for day, sources in dirt["counts"].items():
        for source, counts in sources.items():
            assert set(counts) == set(dirt["definitions"][source])
            for kind, count in counts.items():
                assert booked[day, source, kind] == count
