"""The seeds of instruments and scales: `python -m tests.lib.instrument_scales instrument_scale`.

Belongs here: which instruments and scales the files define and the scores they can give, as rows
that dbt and a reviewer read; printed, for `dbt_project/seeds/codelists/<name>.csv`. Not here: how a
score is made (analyses/quality_of_life).
"""

from __future__ import annotations

import csv
import io
import sys
from collections.abc import Callable, Iterable
from pathlib import Path

from analyses.quality_of_life.instrument import Instrument
from analyses.quality_of_life.registry import instruments
from analyses.quality_of_life.scale import Scale, ValueSetScale
from analyses.quality_of_life.score_range import score_range

COLUMNS = ("instrument", "scale", "title", "lowest", "highest", "higher_is", "source", "checked_on")
VALIDITY = ("valid_from", "valid_to", "verified")
SEEDS = Path(__file__).resolve().parents[2] / "dbt_project" / "seeds" / "codelists"


def instrument() -> str:
    """The seed of instruments as CSV, one row a file."""
    columns = ("id", "title", "source", "checked_on", *VALIDITY)
    found = instruments().values()
    return _csv(columns, ((one.id, one.title, *_checked(one)) for one in found))


def instrument_scale() -> str:
    """The seed of scales as CSV, one row per instrument and scale, in the order of the files."""
    rows = []
    for one in instruments().values():
        for scale in one.scales:
            ends = (f"{end:.10g}" for end in score_range(one, scale.name))
            source, verified = _provenance(one, scale)
            provenance = (source, one.checked_on, "", "", str(verified).lower())
            rows.append((one.id, scale.name, scale.title, *ends, scale.higher_is, *provenance))
    return _csv((*COLUMNS, *VALIDITY), rows)


WRITTEN: dict[str, Callable[[], str]] = {
    "instrument": instrument,
    "instrument_scale": instrument_scale,
}


def _csv(columns: tuple[str, ...], found: Iterable[tuple[object, ...]]) -> str:
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow(columns)
    rows.writerows(found)
    return text.getvalue()


def _checked(one: Instrument) -> tuple[object, ...]:
    """Source and validity of an instrument as a whole."""
    return ("; ".join(one.sources), one.checked_on, "", "", "true")


def _provenance(instrument: Instrument, scale: Scale) -> tuple[str, bool]:
    """Where a scale comes from: the value set of a utility, else the instrument."""
    if isinstance(scale, ValueSetScale):
        value_set = instrument.value_sets[scale.value_set]
        return value_set.source, value_set.verified and scale.verified
    note = (scale.note.removesuffix("."),) if scale.note else ()
    return "; ".join((*instrument.sources, *note)), scale.verified


if __name__ == "__main__":
    sys.stdout.write(WRITTEN[sys.argv[1]]())
