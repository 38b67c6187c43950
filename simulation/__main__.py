"""`python -m simulation HOME --patients N --seed S`: synthetic deliveries and their truth."""

import argparse
import sys
from pathlib import Path

from simulation import SimulationError, simulate


def main() -> int:
    """Exit code 0 when written, 1 when refused."""
    parser = argparse.ArgumentParser(prog="python -m simulation", description=__doc__)
    parser.add_argument("home", type=Path)
    parser.add_argument("--patients", type=int, default=600)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--deliveries", type=int, default=2)
    given = parser.parse_args()
    try:
        done = simulate(
            given.home, patients=given.patients, seed=given.seed, deliveries=given.deliveries
        )
    except SimulationError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    dates = ", ".join(day.isoformat() for day in done.deliveries)
    sys.stdout.write(
        f"{done.patients} CAR-T and {done.gene_therapy_patients} gene therapy patients, "
        f"deliveries of {dates}: {done.files} files in {done.home / 'landing'}\n"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
