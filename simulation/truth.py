"""Writes <home>/truth: estimands, parameters, dirt, and each patient's true and observed values."""

import datetime as dt
from pathlib import Path

import pandas as pd

from simulation import companions, gene_therapy
from simulation.cart import dirt as cart_dirt
from simulation.cart import truth as cart_truth
from simulation.cart.observed import observed, observed_endpoints, observed_populations
from simulation.epro.files import KINDS as EPRO_KINDS
from simulation.gene_therapy import Lives
from simulation.gene_therapy.files import KINDS as GENE_THERAPY_KINDS
from simulation.gene_therapy.parameters import GENE_THERAPY
from simulation.historical.files import KINDS as HISTORICAL_KINDS
from simulation.omop.files import KINDS as OMOP_KINDS
from simulation.planting import Ledger
from simulation.trials.files import KINDS as TRIAL_KINDS
from simulation.truth_files import write_json, write_parquet

_README = """Truth of the simulated deliveries. Nothing here is an input of the pipeline.

dirt.json                    what was planted: definition and count by delivery, source and kind
dirt_rows.parquet            the same, one row a planted row: delivery, source, kind, patient
cart_registry.json           parameters, conditional effects, counterfactual curves, responses,
                             mean utilities of the CAR-T cohort
cart_registry/<date>.parquet what a perfect reader of that delivery finds for each treatment
<source>_endpoints/<date>.parquet  the clock of every endpoint that a source tells, by treatment and
                             analysis set: days, event, cause, reason of censoring, entry_days,
                             date_imputed
<source>_populations/<date>.parquet  how far each treatment came on the road to the infusion
gene_therapy_registry_bleeds/<date>.parquet  bleeds after the infusion, and days of follow-up
quality_of_life.parquet      true EQ-5D-5L utility of each CAR-T patient of the epro source at each
                             visit lived to see, and whether the form was missing
gene_therapy_registry.json   parameters of the gene therapy registry
gene_therapy_registry.parquet  its patients with their whole true lives
historical_control.json      parameters of the salvage cohort, conditional hazard ratios against
                             it, survival under salvage of its patients and of the CAR-T target
                             population
historical_control/<date>.parquet  what a perfect reader of that delivery finds for each patient
omop/<date>.parquet          persons of that delivery of the hospital: who they are in the CAR-T
                             registry, whether the rule of linkage can find them, what is known
trials/<date>.parquet        the trials listed by that delivery as they are
"""
_README += companions.README


def write_truth(
    folder: Path,
    known_cart: dict[dt.date, pd.DataFrame],
    genes: Lives,
    utility: pd.DataFrame,
    dirt: dict[dt.date, dict[str, Ledger]],
    told: dict[dt.date, pd.DataFrame],
    seed: int,
) -> None:
    """Writes the files named in the README it leaves there. `told`: of each delivery, what sources
    tell of persons of the CAR-T registry (national_number, kind, date)."""
    (folder / "cart_registry").mkdir(parents=True)
    (folder / "README.txt").write_text(_README, encoding="utf-8")
    write_json(folder / "dirt.json", _dirt(known_cart, dirt))
    write_parquet(folder / "dirt_rows.parquet", _rows(dirt))
    write_json(folder / "cart_registry.json", cart_truth())
    write_json(folder / "gene_therapy_registry.json", {"parameters": GENE_THERAPY.as_dict()})
    write_parquet(folder / "quality_of_life.parquet", utility)
    rare_source = "gene_therapy_registry"
    for name in (
        "cart_registry_endpoints", "cart_registry_populations", f"{rare_source}_endpoints",
        f"{rare_source}_populations", f"{rare_source}_bleeds",
    ):  # fmt: skip
        (folder / name).mkdir()
    for day, known in known_cart.items():
        file = f"{day.isoformat()}.parquet"
        write_parquet(folder / "cart_registry" / file, observed(known))
        unread = dirt[day]["cart_registry"].of("unknown_code.death_cause")
        clocks = observed_endpoints(known, seed, day, told[day], unread)
        write_parquet(folder / "cart_registry_endpoints" / file, clocks)
        rare = gene_therapy.observed_endpoints(genes, day, told[day])
        write_parquet(folder / f"{rare_source}_endpoints" / file, rare)
        for source, steps in (
            ("cart_registry", observed_populations(known)),
            (rare_source, gene_therapy.observed_populations(genes, day)),
        ):
            write_parquet(folder / f"{source}_populations" / file, steps)
        bleeds = gene_therapy.observed_bleeds(genes, day)
        write_parquet(folder / f"{rare_source}_bleeds" / file, bleeds)
    write_parquet(folder / "gene_therapy_registry.parquet", genes.patients)


def _dirt(
    known_cart: dict[dt.date, pd.DataFrame], dirt: dict[dt.date, dict[str, Ledger]]
) -> dict[str, object]:
    counts = {
        day.isoformat(): {source: ledger.counts for source, ledger in ledgers.items()}
        for day, ledgers in dirt.items()
    }
    return {
        "definitions": {
            "cart_registry": cart_dirt.KINDS,
            "epro": EPRO_KINDS,
            "gene_therapy_registry": GENE_THERAPY_KINDS,
            "historical_control": HISTORICAL_KINDS,
            "omop": OMOP_KINDS,
            "trials": TRIAL_KINDS,
            **companions.KINDS,
        },
        "header_renamed": {
            "table": "follow_up",
            "from": "DATE_EVAL",
            "to": "DATE_EVALUATION",
            "deliveries": [d.isoformat() for d in known_cart if d >= dt.date(2026, 1, 1)],
        },
        "counts": counts,
    }


def _rows(dirt: dict[dt.date, dict[str, Ledger]]) -> pd.DataFrame:
    return pd.concat(
        [
            ledger.frame().assign(delivery=day.isoformat(), source=source)
            for day, ledgers in dirt.items()
            for source, ledger in ledgers.items()
        ],
        ignore_index=True,
    )[["delivery", "source", "kind", "national_number"]]
