"""The instruments known: one YAML file each, read once.

Adding one is adding a file to `instruments/`, as the README there says. Nothing is scored here.
"""

from __future__ import annotations

from difflib import get_close_matches
from functools import cache
from pathlib import Path

import pandas as pd
import yaml
from pydantic import ValidationError

from analyses.errors import AnalysisError
from analyses.quality_of_life.instrument import Instrument
from analyses.quality_of_life.names import normalise

INSTRUMENT_FILES = Path(__file__).parent / "instruments"


def load_instrument(path: Path) -> Instrument:
    """Reads one instrument file.

    Raises AnalysisError naming the file and the first key that is wrong.
    """
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
        return Instrument.model_validate(content)
    except yaml.YAMLError as error:
        message = f"{path.name} is not readable as YAML: {error}"
        raise AnalysisError(message) from error
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"]) or "the file as a whole"
        message = f"{path.name}, {where}: {first['msg']}; correct the instrument file"
        raise AnalysisError(message) from error


@cache
def instruments() -> dict[str, Instrument]:
    """Every registered instrument by its id, in alphabetical order."""
    loaded = [load_instrument(path) for path in sorted(INSTRUMENT_FILES.glob("*.yml"))]
    found = {instrument.id: instrument for instrument in loaded}
    for one in loaded:
        of = found.get(one.series or one.id)
        if of is None or of.series or one.scale_names != of.scale_names:
            message = f"{one.id} is of the series {one.series}, which has not the same scales"
            raise AnalysisError(message)
    return found


@cache
def instrument_names() -> dict[str, str]:
    """Every accepted name of an instrument, normalised, and the id it stands for.

    Raises AnalysisError when two instruments claim one name.
    """
    names: dict[str, str] = {}
    for instrument in instruments().values():
        for name in (instrument.id, *instrument.aliases):
            if names.setdefault(normalise(name), instrument.id) != instrument.id:
                message = (
                    f"{instrument.id} and {names[normalise(name)]} are both named {name!r}; "
                    "take the alias out of one of the instrument files"
                )
                raise AnalysisError(message)
    return names


def find_instrument(name: str) -> Instrument:
    """The instrument of that id or alias, whatever its case and separators.

    Raises AnalysisError listing the known ones.
    """
    names = instrument_names()
    normalised = normalise(name)
    if normalised not in names:
        near = get_close_matches(normalised, names, n=1, cutoff=0.7)
        hint = f"did you mean {names[near[0]]}? " if near else ""
        message = (
            f"the instrument {name!r} is not registered: {hint}known are {', '.join(instruments())}"
        )
        raise AnalysisError(message)
    return instruments()[names[normalised]]


def utility_ages() -> pd.DataFrame:
    """The ages every utility is for: its instrument's and its value set's limits together.

    Columns: instrument, scale, minimum_age, maximum_age, in completed years, both included; no
    maximum is empty.
    """
    found = []
    for instrument in instruments().values():
        for scale in instrument.utilities:
            limits = instrument.ages_of(scale)
            highest = [ages.maximum for ages in limits if ages.maximum is not None]
            found.append(
                {
                    "instrument": instrument.id,
                    "scale": scale,
                    "minimum_age": max(ages.minimum for ages in limits),
                    "maximum_age": min(highest, default=None),
                }
            )
    return pd.DataFrame(found).astype({"minimum_age": "Int64", "maximum_age": "Int64"})
