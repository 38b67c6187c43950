"""Parameter codes: what an endpoint or a scale is called in eight characters.

Belongs here: PARAMCD of endpoints and scales, unique and the same in every study. Does not belong
here: what they mean (the endpoint dictionary, the instruments).
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable

from analyses.quality_of_life import instruments
from analyses.studies.vocabulary import known_endpoints

#: Codes in use in oncology submissions; any other endpoint's code is made of its name.
CUSTOMARY = {
    "overall_survival": "OS",
    "progression_free_survival": "PFS",
    "event_free_survival": "EFS",
    "relapse": "RELAPSE",
    "non_relapse_mortality": "NRM",
    "death_by_cause": "DTHCAUS",
    "duration_of_response": "DOR",
    "time_to_response": "TTR",
    "time_to_next_treatment": "TTNT",
    "crs_any": "CRS",
    "crs_grade_3": "CRSGR3",
    "icans_any": "ICANS",
    "icans_grade_3": "ICANSGR3",
    "second_malignancy": "SPM",
}
LONGEST = 8


def parameter_code(name: str) -> str:
    """PARAMCD of an endpoint of the dictionary or of `deterioration:<instrument>:<scale>[:who]`."""
    if name in endpoint_codes():
        return endpoint_codes()[name]
    _, instrument, scale, *who = name.split(":")
    return _code(f"D{scale_codes()[instrument, scale]}{''.join(who)}", ())


@functools.cache
def endpoint_codes() -> dict[str, str]:
    """PARAMCD of every endpoint of the dictionary."""
    codes = {name: code for name, code in CUSTOMARY.items() if name in known_endpoints()}
    for name in known_endpoints():
        if name not in codes:
            codes[name] = _code(name, codes.values())
    return codes


@functools.cache
def scale_codes() -> dict[tuple[str, str], str]:
    """PARAMCD of every scale of every registered instrument, by (instrument, scale)."""
    codes: dict[tuple[str, str], str] = {}
    for instrument in instruments().values():
        for scale in instrument.scale_names:
            short = re.sub("[^a-z0-9]", "", instrument.id.lower())[-3:]
            codes[instrument.id, scale] = _code(f"{scale[:5]}_{short}", codes.values())
    return codes


def _code(name: str, taken: Iterable[str]) -> str:
    """A code of letters and digits that begins with a letter and that nobody else has."""
    words = [word for word in re.split("[^A-Za-z0-9]+", name.upper()) if word]
    whole = "".join(words)
    if len(whole) > LONGEST:
        share = max(1, (LONGEST - 1) // len(words))
        whole = "".join(word if word.isdigit() else word[:share] for word in words)
    base = re.sub("^[0-9]+", "", whole)[:LONGEST] or "PARAM"
    used = set(taken)
    candidates = (base, *(f"{base[: LONGEST - len(str(n))]}{n}" for n in range(2, 1000)))
    return next(code for code in candidates if code not in used)
