"""Writes the synthetic deliveries of every source and their truth into a home, all or nothing."""

import json
import shutil
import tempfile
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd

from simulation import calendar, companions, epro, gene_therapy, historical, omop, trials
from simulation.cart import complications, registry
from simulation.cart import files as cart_files
from simulation.cart.history import history as cart_history
from simulation.errors import SimulationError
from simulation.planting import Ledger
from simulation.stacking import stacked
from simulation.transplant import Elsewhere
from simulation.truth import write_truth

MARKER = "_synthetic.json"
SOURCES = (
    *("cart_registry", "epro", "gene_therapy_registry", "historical_control", "omop", "trials"),
    *companions.SOURCES,
)


@dataclass(frozen=True)
class SimulationSummary:
    """What was written: people, delivery dates, files, and dirt by delivery and source."""

    home: Path
    patients: int
    gene_therapy_patients: int
    seed: int
    deliveries: tuple[date, ...]
    files: int
    dirt: dict[str, dict[str, dict[str, int]]]


def simulate(home: Path, *, patients: int, seed: int, deliveries: int = 2) -> SimulationSummary:
    """Writes <home>/landing/<source>/<date>/* and <home>/truth/*; the same bytes for a seed.

    `patients` CAR-T patients apheresed by the last delivery (2026-06-30), about a third as many
    gene therapy patients, `deliveries` yearly snapshots. Earlier synthetic deliveries are replaced
    in one step. Raises SimulationError, with nothing changed, when the home holds a delivery that
    is not marked synthetic or when an argument makes no sense.
    """
    home = Path(home)
    dates = calendar.delivery_dates(deliveries)
    if not 10 <= patients <= 2_000_000:
        raise SimulationError(f"patients is {patients}: ask for 10 to 2,000,000 CAR-T patients")
    if seed < 0:
        raise SimulationError(f"seed is {seed}: a seed is a whole number of 0 or more")
    _refuse_real_deliveries(home)
    home.mkdir(parents=True, exist_ok=True)
    work = Path(tempfile.mkdtemp(prefix=".simulation-", dir=home))
    try:
        summary = _write(work, home, patients, seed, dates)
        _swap(work, home, ("landing", "truth"))
    finally:
        shutil.rmtree(work, ignore_errors=True)
    return summary


def _refuse_real_deliveries(home: Path) -> None:
    """Every folder two levels below landing must carry the marker; files there are real too."""
    landing = home / "landing"
    if not landing.is_dir():
        return
    for source in sorted(landing.iterdir()):
        for entry in sorted(source.iterdir()) if source.is_dir() else [source]:
            hidden = entry.name.startswith((".", "_"))
            if not hidden and not (entry / MARKER).is_file():
                where = entry.relative_to(home).as_posix()
                raise SimulationError(
                    f"{home} holds {where}, which is not marked synthetic ({MARKER}): "
                    "choose another home, or move that delivery away"
                )


def _write(
    work: Path, home: Path, patients: int, seed: int, dates: list[date]
) -> SimulationSummary:
    cart = cart_history(patients, seed, dates[-1])
    genes = gene_therapy.history(patients, seed, cart)
    forms, utility = epro.collect(cart, genes, seed)
    controls = historical.history(patients, seed)
    hospital = omop.people(cart, patients, seed, dates[-1])
    portfolio = trials.portfolio(seed, dates[-1])
    others = companions.Companions(cart, seed, dates[-1])
    dirt: dict[date, dict[str, Ledger]] = {}
    known_cart, told = {}, {}
    for day in dates:
        folders = {name: work / "landing" / name / day.isoformat() for name in SOURCES}
        known = known_cart[day] = registry.known(cart, day)
        deaths = known.loc[known["death_date"].notna(), ["national_number", "death_date"]]
        found = {
            "cart_registry": cart_files.write(folders["cart_registry"], known, day, seed),
            "epro": epro.write(folders["epro"], forms, day, seed, deaths),
            "gene_therapy_registry": gene_therapy.write(
                folders["gene_therapy_registry"], genes, day, seed, known["national_number"]
            ),
            "historical_control": historical.write(
                folders["historical_control"], controls, day, seed
            ),
            "omop": omop.write(folders["omop"], hospital, day, seed),
            "trials": trials.write(folders["trials"], portfolio, day, seed),
        }
        unmapped = found["cart_registry"].of("unknown_code.product_code")
        heard = omop.told(hospital, day, seed)
        heard = heard[~heard["national_number"].isin(unmapped)]
        elsewhere = Elsewhere(known, unmapped, stacked([complications.told(known), heard]))
        dirt[day] = {**found, **others.write(folders, day, elsewhere)}
        told[day] = pd.concat([others.told[day], elsewhere.told], ignore_index=True)
        for name, folder in folders.items():
            _mark(folder, name, day, patients, seed)
    write_truth(work / "truth", known_cart, genes, utility, dirt, told, seed)
    undated = {
        day: ledgers["historical_control"].of("death_without_date") for day, ledgers in dirt.items()
    }
    historical.write_truth(work / "truth", controls, undated)
    omop.write_truth(work / "truth", hospital, dates, seed)
    trials.write_truth(work / "truth", portfolio, dates)
    others.write_truth(work / "truth")
    return SimulationSummary(
        home=home,
        patients=patients,
        gene_therapy_patients=len(genes.patients),
        seed=seed,
        deliveries=tuple(dates),
        files=int(np.sum([path.is_file() for path in (work / "landing").rglob("*")])),
        dirt={
            day.isoformat(): {source: ledger.counts for source, ledger in ledgers.items()}
            for day, ledgers in dirt.items()
        },
    )


def _mark(folder: Path, source: str, day: date, patients: int, seed: int) -> None:
    marker = {
        "synthetic": True,
        "source": source,
        "delivery": day.isoformat(),
        "patients": patients,
        "seed": seed,
    }
    (folder / MARKER).write_text(json.dumps(marker, indent=2) + "\n", encoding="utf-8")


def _swap(work: Path, home: Path, names: tuple[str, ...]) -> None:
    """Puts the new folders in the place of the old; the old ones come back if that fails."""
    moved: list[str] = []
    try:
        for name in names:
            if (home / name).exists():
                (home / name).rename(work / f"old-{name}")
            moved.append(name)
            (work / name).rename(home / name)
    except OSError:
        for name in moved:
            if (home / name).exists():
                shutil.rmtree(home / name)
            if (work / f"old-{name}").exists():
                (work / f"old-{name}").rename(home / name)
        raise
