"""The seed of scales: `python -m tests.lib.instrument_scales > .../codelists/instrument_scale.csv`.

Belongs here: which scales the instruments' files define and the scores they can give, as rows that
dbt and a reviewer read. Not here: how a score is made (analyses/quality_of_life).
"""

from __future__ import annotations

import csv
import io
import sys
from pathlib import Path

from analyses.quality_of_life.instrument import Instrument
from analyses.quality_of_life.registry import instruments
from analyses.quality_of_life.scale import Scale, ValueSetScale
from analyses.quality_of_life.score_range import score_range

COLUMNS = ("instrument", "scale", "title", "lowest", "highest", "higher_is", "source", "checked_on")
VALIDITY = ("valid_from", "valid_to", "verified")
SEEDS = Path(__file__).resolve().parents[2] / "dbt_project" / "seeds" / "codelists"


def seed() -> str:
    """The seed as CSV, one row per instrument and scale, in the order of the instruments' files."""
    with (SEEDS / "instrument.csv").open(encoding="utf-8", newline="") as file:
        checked_on = {row["id"]: row["checked_on"] for row in csv.DictReader(file)}
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow((*COLUMNS, *VALIDITY))
    for one in instruments().values():
        for scale in one.scales:
            lowest, highest = score_range(one, scale.name)
            ends = (f"{end:.10g}" for end in (lowest, highest))
            source, verified = _provenance(one, scale)
            provenance = (source, checked_on[one.id], "", "", str(verified).lower())
            rows.writerow((one.id, scale.name, scale.title, *ends, scale.higher_is, *provenance))
    return text.getvalue()


def _provenance(instrument: Instrument, scale: Scale) -> tuple[str, bool]:
    """Where the ends of a scale come from: the value set of a utility, else the instrument."""
    if isinstance(scale, ValueSetScale):
        value_set = instrument.value_sets[scale.value_set]
        return value_set.source, value_set.verified
    return "; ".join(instrument.sources), True


if __name__ == "__main__":
    sys.stdout.write(seed())
