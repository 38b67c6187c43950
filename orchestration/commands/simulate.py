"""``atmp-rwe simulate``: synthetic deliveries of every source, and their truth."""

from __future__ import annotations

import argparse

from orchestration import lock
from orchestration.settings import Settings


def run(settings: Settings, options: argparse.Namespace) -> int:
    import simulation

    lock.hold(settings.home)
    try:
        summary = simulation.simulate(
            settings.home,
            patients=options.patients,
            seed=options.seed,
            deliveries=options.deliveries,
        )
    finally:
        lock.release(settings.home)
    dates = ", ".join(day.isoformat() for day in summary.deliveries)
    print(
        f"{summary.patients} CAR-T and {summary.gene_therapy_patients} gene therapy patients "
        f"(seed {summary.seed}) delivered on {dates}: {summary.files} files in "
        f"{settings.home}. What is true of them is in truth/."
    )
    return 0
