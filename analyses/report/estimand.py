"""The estimand of a study in plain words (ICH E9(R1)): what is estimated, in whom.

Belongs here: study file to sentences. Does not: results.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from analyses.report import labels

_STRATEGIES = {
    ("next_treatment", "treatment_policy"): "counted on: outcomes after a next treatment are used "
    "as if it had not happened (treatment policy)",
    ("next_treatment", "censor"): "follow-up of progression-free survival and duration of response "
    "is censored at a next treatment begun before their event (hypothetical)",
    ("death", "composite"): "part of the endpoint, or a state of its own in quality of life "
    "(composite)",
    ("death", "while_alive"): "quality of life is described among those alive (while alive)",
    ("death", "hypothetical"): "quality of life as if nobody died (hypothetical)",
}


def estimand_rows(study: Mapping[str, Any], adjusted: bool) -> list[tuple[str, str]]:
    """(attribute, sentence) for the five attributes and the frame around them."""
    population = study.get("population") or {}
    estimand = study.get("estimand") or {}
    analysis_set = study.get("analysis_set") or "infused"
    endpoints = study.get("endpoints") or ()
    instruments = (study.get("quality_of_life") or {}).get("instruments") or ()
    rows = [
        ("Population", _population(population)),
        ("Analysis set", labels.ANALYSIS_SETS.get(analysis_set, labels.words(analysis_set)) + "."),
        ("Treatment", _treatment(study, population)),
        (
            "Endpoints",
            _list([*map(labels.endpoint, endpoints), *map(labels.instrument, instruments)]),
        ),
        ("Intercurrent events", _intercurrent(estimand.get("intercurrent_events") or {})),
        ("Summary measures", _measures(study, bool(instruments), adjusted)),
    ]
    if study.get("data_cutoff"):
        rows.append(("Data cut-off", f"{study['data_cutoff']}, or the delivery date if earlier."))
    specified = estimand.get("pre_specified")
    rows.append(("Pre-specified", "Yes." if specified else "No: read the results as exploratory."))
    return rows


def _list(items: Iterable[object]) -> str:
    return "; ".join(str(item) for item in items) + "."


def _population(population: Mapping[str, Any]) -> str:
    parts = []
    for key, title in (("products", "treated with"), ("indications", "for")):
        if population.get(key):
            parts.append(f"{title} {' or '.join(labels.words(v) for v in population[key])}")
    low, high = population.get("min_line"), population.get("max_line")
    if low is not None or high is not None:
        parts.append(_range("line of treatment", low, high))
    low, high = population.get("min_age"), population.get("max_age")
    if low is not None or high is not None:
        parts.append(_range("age", low, high, " years"))
    sources = population.get("sources")
    parts.append(f"registered in {', '.join(map(str, sources))}" if sources else "of all sources")
    return f"Patients {', '.join(parts)}; the first treatment that qualifies."


def _range(what: str, low: Any, high: Any, unit: str = "") -> str:
    if high is None:
        return f"{what} {low:g}{unit} or more"
    return f"{what} up to {high:g}{unit}" if low is None else f"{what} {low:g} to {high:g}{unit}"


def _treatment(study: Mapping[str, Any], population: Mapping[str, Any]) -> str:
    stratum = study.get("stratify_by")
    if not stratum:
        products = " or ".join(labels.words(v) for v in population.get("products") or ())
        return f"{products or 'Treatment as delivered'}, without a comparison group."
    reference = study.get("reference")
    against = labels.words(reference) if reference else "the most frequent level"
    return f"Groups by {labels.inside(labels.words(stratum))}; the reference is {against}."


def _intercurrent(events: Mapping[str, Any]) -> str:
    sentences = []
    for event, strategy in events.items():
        known = _STRATEGIES.get((str(event), str(strategy)))
        sentences.append(f"{labels.words(event)}: {known or labels.words(strategy).lower()}.")
    return " ".join(sentences) or "None declared."


def _measures(study: Mapping[str, Any], quality_of_life: bool, adjusted: bool) -> str:
    measures = ["survival probabilities, medians and restricted means with 95% limits"]
    measures.append("cumulative incidences under competing events")
    if study.get("stratify_by"):
        text = "hazard ratios"
        names = ", ".join(labels.inside(labels.words(v)) for v in study.get("adjust_for") or ())
        if adjusted and names:
            text += f", unadjusted and adjusted for {names}"
        within = ", ".join(labels.inside(labels.words(v)) for v in study.get("model_strata") or ())
        text += f", within strata of {within}" if within else ""
        measures.append(text)
    if quality_of_life:
        measures.append("mean scores per visit")
    text = "; ".join(measures)
    return f"{text[:1].upper()}{text[1:]}."
