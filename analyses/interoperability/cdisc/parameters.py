"""Parameter codes: what an endpoint or a scale is called in eight characters.

Belongs here: PARAMCD of endpoints and scales, unique and the same in every study. Does not belong
here: what they mean (the endpoint dictionary, the instruments).
"""

from __future__ import annotations

import functools
import hashlib
import itertools
import re
import string
from collections.abc import Iterable

from analyses.quality_of_life import instruments
from analyses.quality_of_life.deterioration_endpoint import deterioration_endpoint
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
_DIGITS = string.digits + string.ascii_uppercase


def parameter_codes(names: Iterable[str]) -> dict[str, str]:
    """PARAMCD of each endpoint of a study, no two alike, by the endpoint's name.

    An endpoint of the dictionary or a deterioration, with choices after `@` or without; ValueError
    for a deterioration that is not known.
    """
    # In the order of the names and not of the study, so that studies agree about them.
    codes: dict[str, str] = {}
    for name in sorted(set(names)):
        codes[name] = parameter_code(name, taken=codes.values())
    return codes


def parameter_code(name: str, *, taken: Iterable[str] = ()) -> str:
    """PARAMCD of an endpoint of the dictionary or of a deterioration (`parameter_codes`).

    taken: codes that other endpoints of the study have, which one with choices must not get.
    """
    if name in endpoint_codes():
        return endpoint_codes()[name]
    endpoint = deterioration_endpoint(name)
    plain = deterioration_codes()[endpoint.instrument.id, endpoint.scale, endpoint.respondent]
    if not endpoint.words:
        return plain
    # A threshold may be any number, so that choices cannot be listed and numbered: four characters
    # of a digest tell them apart, which depend on the name alone and so are those of every study.
    used = {*taken, *endpoint_codes().values(), *scale_codes().values()}
    used |= set(deterioration_codes().values())
    candidates = (f"{plain[:4]}{_digest(endpoint.id, again)}" for again in itertools.count())
    return next(code for code in candidates if code not in used)


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


@functools.cache
def deterioration_codes() -> dict[tuple[str, str, str], str]:
    """PARAMCD of every deterioration without choices, by (instrument, scale, respondent)."""
    others = {*endpoint_codes().values(), *scale_codes().values()}
    codes: dict[tuple[str, str, str], str] = {}
    for instrument in instruments().values():
        # The person's own answers are the deterioration that is not told apart by who answers.
        for who in dict.fromkeys(("self", *instrument.respondents)):
            for scale in instrument.scale_names:
                name = f"D{scale_codes()[instrument.id, scale]}{'' if who == 'self' else who}"
                codes[instrument.id, scale, who] = _code(name, {*others, *codes.values()})
    return codes


def _digest(name: str, again: int) -> str:
    """Four letters or digits that stand for a name; others for each `again`."""
    number = int(hashlib.sha256(f"{name}#{again}".encode()).hexdigest(), 16)
    digits = []
    for _ in range(4):
        number, digit = divmod(number, len(_DIGITS))
        digits.append(_DIGITS[digit])
    return "".join(digits)


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
