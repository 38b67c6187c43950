"""The words of the report: titles of endpoints, scales, strata, terms and diagnostics.

Belongs here: identifier to words. Does not: numbers, tables. An identifier that is not known here
is shown with its underscores as blanks: nothing is hidden because nobody named it.
"""

from __future__ import annotations

import csv
import functools
import re
from collections.abc import Iterable
from typing import Any, Final

from analyses.figures.style import plain
from analyses.studies.vocabulary import ENDPOINT_DICTIONARY, find_endpoint, is_deterioration

SAFETY: Final = ("crs_", "icans_", "second_malignancy", "infection")
ACUTE: Final = ("crs_", "icans_")

_ORIGINS: Final = {
    "infused": "infusion",
    "intention_to_treat": "apheresis",
    "decision": "treatment decision",
}
ANALYSIS_SETS: Final = {
    "infused": "Patients who were infused; time starts at infusion",
    "intention_to_treat": "All patients meant to be treated, infused or not; time starts at "
    "apheresis",
    "decision": "All patients for whom treatment was decided; time starts at the decision",
}
METHODS: Final = {
    "observed": "observed",
    "mixed_model": "mixed model, as if nobody had died",
    "spline_model": "spline model, as if nobody had died",
    "while_alive": "of those alive",
    "composite": "composite, the dead at the worst score",
    "survivors": "of those alive at the last visit",
}
_WORDS: Final = {
    "overall": "All patients",
    "missing": "Missing",
    "patients": "Patients",
    "none": "Unadjusted",
    "cox_unadjusted": "Cox, unadjusted",
    "cox_adjusted": "Cox, adjusted",
    "cox_cause_specific_unadjusted": "Cause-specific Cox, unadjusted",
    "cox_cause_specific_adjusted": "Cause-specific Cox, adjusted",
    "fine_gray_unadjusted": "Fine-Gray, unadjusted",
    "fine_gray_adjusted": "Fine-Gray, adjusted",
    "age": "Age (years)",
    "age_group": "Age group",
    "F": "Female",
    "M": "Male",
    "U": "Unknown",
    "ecog": "ECOG performance status",
    "ldh_ratio": "LDH, ratio to upper limit of normal",
    "ldh": "LDH",
    "ipi": "International prognostic index",
    "bulky": "Bulky disease",
    "bridging": "Bridging therapy",
    "line": "Line of treatment",
    "log_rank": "Log-rank",
    "rmst_ratio": "Ratio of restricted means",
    "cox_unadjusted_weighted": "Cox, unadjusted, weighted",
    "cox_adjusted_weighted": "Cox, adjusted, weighted",
    "cox_cause_specific_unadjusted_weighted": "Cause-specific Cox, unadjusted, weighted",
    "cox_cause_specific_adjusted_weighted": "Cause-specific Cox, adjusted, weighted",
    "cox_unadjusted_weighted_firth": "Cox, unadjusted, weighted, penalised (Firth)",
    "cox_adjusted_weighted_firth": "Cox, adjusted, weighted, penalised (Firth)",
    "cox_unadjusted_firth": "Cox, unadjusted, penalised (Firth)",
    "cox_adjusted_firth": "Cox, adjusted, penalised (Firth)",
    "cox_adjusted_imputed": "Cox, adjusted, multiple imputation",
    "cox_cause_specific_adjusted_imputed": "Cause-specific Cox, adjusted, multiple imputation",
    "cox_time_dependent": "Cox, later state as it is reached",
    "cox_time_dependent_adjusted": "Cox, later state as it is reached, adjusted",
    "firth_penalty": "Firth's penalty",
    "infusion": "Infused",
    "apheresis": "Apheresis, not infused",
    "decision": "Decided, not infused",
    "rmst_difference": "Difference of restricted means (days)",
    "survival_difference": "Difference of survival",
    "stratified_log_rank": "Stratified log-rank",
    "gray": "Gray",
    "cox": "Cox",
    "fine_gray": "Fine-Gray",
    "smd": "SMD",
    "iptw": "Inverse probability of treatment weighting",
    "rmst": "Restricted mean survival time",
    "death": "Death",
    "crs": "CRS",
    "icans": "ICANS",
    "dlbcl": "DLBCL",
    "sma": "SMA",
    "tdt": "TDT",
}
# Inside longer identifiers, as in `crs_grade_3` or `unknown_icans`.
_ACRONYMS: Final = {
    name: name.upper()
    for name in ("crs", "icans", "ecog", "ldh", "ipi", "smd", "rmst", "iptw", "ecg", "eq5d", "vas")
}
_FLEMING: Final = re.compile(r"fleming_harrington_([\d.]+)_([\d.]+)")
_LANDMARK: Final = re.compile(r"cox_landmark_(\d+)(_adjusted)?")
_CODE: Final = re.compile(r"[A-Za-z][a-z0-9]*(_[a-z0-9]+)*")
_TERM: Final = re.compile(r"(?P<name>[\w:.\-]+?)(\[T\.|\[|=|: )(?P<level>.+?)\]?")


def words(code: object) -> str:
    """An identifier as words; any other text as it is."""
    text = plain(code, limit=200)
    bare = text.removeprefix("covariate:")
    if bare in _WORDS:
        return _WORDS[bare]
    weighted = _FLEMING.fullmatch(bare)
    if weighted:
        return f"Fleming-Harrington ({weighted[1]}, {weighted[2]})"
    landmark = _LANDMARK.fullmatch(bare)
    if landmark:
        return f"Cox from day {landmark[1]} on" + (", adjusted" if landmark[2] else "")
    if not _CODE.fullmatch(bare):
        return bare
    first, *rest = (_ACRONYMS.get(word, word) for word in bare.split("_"))
    return " ".join([first[:1].upper() + first[1:], *rest])


def inside(text: str) -> str:
    """Words as they stand inside a sentence: `Age (years)` small, `ECOG ...` as it is."""
    return text if text[1:2].isupper() or text[1:2] == "-" else text[:1].lower() + text[1:]


def endpoint(code: object) -> str:
    """The title of an endpoint, from the endpoint dictionary."""
    text = str(code)
    if text in _dictionary():
        return _dictionary()[text]["title"]
    if is_deterioration(text):
        try:
            return find_endpoint(text).title
        except ValueError:  # a release of a site whose instruments are not at hand
            return words(text)
    return words(text)


def free_of(code: object) -> str:
    """What a survival curve of an endpoint shows, short enough for an axis."""
    text = str(code)
    if is_deterioration(text):
        kind = "definitive deterioration" if "definitive" in text else "deterioration"
        return f"Without {kind}"
    if text == "duration_of_response":
        return "Still in response"
    return endpoint(text)


def definition(code: object) -> str:
    """What counts as the event and what competes with it, from the endpoint dictionary."""
    entry = _dictionary().get(str(code))
    if entry is None:
        return ""
    sentences = [f"Event: {entry['event']}."]
    if entry["competing"]:
        sentences.append(f"Competing: {entry['competing']}.")
    return " ".join([*sentences, entry["note"]]).strip()


@functools.cache
def _dictionary() -> dict[str, dict[str, str]]:
    """The seed by endpoint; empty where the seed is not at hand (identifiers are shown then)."""
    if not ENDPOINT_DICTIONARY.is_file():
        return {}
    with ENDPOINT_DICTIONARY.open(encoding="utf-8", newline="") as handle:
        return {row["endpoint"]: row for row in csv.DictReader(handle)}


def cause(code: object, of_endpoint: str) -> str:
    """A cause within an endpoint: the own event by the endpoint's title, others as competing."""
    text = str(code)
    if text == of_endpoint:
        return endpoint(text)
    if of_endpoint == "death_by_cause":
        return words(text)
    if text == "death" and of_endpoint == "relapse":
        return "Death without relapse (competing)"
    return f"{words(text)} (competing)"


def origin(analysis_set: object, endpoint_id: str = "") -> str:
    """What day 0 of an analysis set is."""
    if _dictionary().get(endpoint_id, {}).get("starts_from") == "first_response":
        return "first response"
    return _ORIGINS.get(str(analysis_set), "start of follow-up")


def instrument(code: object) -> str:
    """The name of a questionnaire."""
    known = _instruments().get(str(code))
    return str(code) if known is None else known.title


def scale(code: object, of_instrument: object = None) -> str:
    """The short name of a scale: its title up to the first comma."""
    name, _, respondent = str(code).partition(":")
    found = _scale(name, str(of_instrument))
    title = words(name) if found is None else str(found.title).split(", ")[0]
    return f"{title} (by the {respondent})" if respondent else title


def direction(code: object, of_instrument: object) -> str:
    """`higher is better`, `higher is worse`, or nothing for an unknown scale."""
    found = _scale(str(code).partition(":")[0], str(of_instrument))
    return "" if found is None else f"higher is {found.higher_is}"


def ends_of_scales(
    codes: Iterable[object], of_instrument: object
) -> dict[str, tuple[float, float]]:
    """The lowest and the highest score of each known scale."""
    from analyses.quality_of_life.score_range import score_range

    known = _instruments().get(str(of_instrument))
    scales = {str(code): str(code).partition(":")[0] for code in codes}
    if known is None:
        return {}
    return {
        code: score_range(known, scale)
        for code, scale in scales.items()
        if scale in known.scale_names
    }


def scales(of_instrument: object) -> tuple[str, ...]:
    """The scales of a questionnaire in their customary order."""
    known = _instruments().get(str(of_instrument))
    return () if known is None else tuple(s.name for s in known.scales)


def _scale(code: str, of_instrument: str) -> Any:
    known = _instruments().get(of_instrument)
    return next((s for s in known.scales if s.name == code), None) if known else None


@functools.cache
def _instruments() -> dict[str, Any]:
    from analyses.quality_of_life.registry import instruments

    return dict(instruments())


def visit(code: object) -> str:
    """A visit: `month_12` and `M12` become `12 months`."""
    text = str(code)
    found = re.fullmatch(r"(?:month|m)[_ ]?(\d+)", text, re.IGNORECASE)
    if found:
        return f"{int(found[1])} mo"
    found = re.fullmatch(r"(?:day|d)[_ ]?(\d+)", text, re.IGNORECASE)
    return f"day {int(found[1])}" if found else words(text)


def term(code: object, reference: object = None) -> str:
    """A model term: `product=x` becomes `Product: X (vs Y)`."""
    text = str(code)
    found = _TERM.fullmatch(text)
    if not found:
        return words(text)
    label = f"{words(found['name'])}: {words(found['level'])}"
    return f"{label} (vs {words(reference)})" if isinstance(reference, str) else label
