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
    print(summary)
    return 0
