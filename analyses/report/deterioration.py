"""What a deterioration of quality of life counts as its event, in a sentence.

Belongs here: the choices in an endpoint's name to words. Does not: its title (labels.py), the rules
(analyses.quality_of_life).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from analyses.studies.vocabulary import is_deterioration

# What a death is, by what the estimand says of it, and by the choice in the name.
_DEATH = {
    "composite": "event",
    "hypothetical": "censor",
    "while_alive": "competing",
}
_DEATH_WORDS = {
    "event": "A death is an event",
    "censor": "A death is censored",
    "competing": "A death competes",
}
_REFERENCES = {
    "baseline": "the baseline score",
    "best": "the best score so far (baseline included)",
    "previous": "the previous score",
}
_DEFINITIONS = {
    "definitive_1": ", after which no score is better than the reference by more than that",
    "definitive_2": ", and every later score too",
    "definitive_3": ", after which no score is better than the deteriorated one by more than that",
}
_NO_BASELINE = {
    "censor": "censored at day 0",
    "event": "an event at day 0",
    "exclude": "left out",
}
_WINDOW_ENDS = "the window of the first visit they missed ends"
# Who has no later score, where deaths are censored and where they count (decision 22).
_NO_FOLLOW_UP = {
    ("censor", False): "censored at day 1",
    ("censor", True): f"censored when {_WINDOW_ENDS}, or follow-up",
    ("event", False): "an event at day 1",
    ("event", True): f"an event at day 1 (at their death, if that is before {_WINDOW_ENDS})",
}


def definition(name: str, study: Mapping[str, Any]) -> str:
    """The event, its threshold and reference, what a death is and who has no score; empty for an
    endpoint that is no deterioration, or of an instrument that is not at hand."""
    if not is_deterioration(name):
        return ""
    from analyses.quality_of_life.deterioration_endpoint import deterioration_endpoint

    try:
        asked = deterioration_endpoint(name)
    except ValueError:
        return ""
    chosen = asked.choices
    said = (study.get("quality_of_life") or {}).get("important_differences") or {}
    of_scale = (said.get(asked.instrument.id) or {}).get(asked.scale) or {}
    points = asked.points_or(of_scale.get("deterioration"))
    events = (study.get("estimand") or {}).get("intercurrent_events") or {}
    of_study = _DEATH[str(events.get("death") or "composite")]
    death = str(chosen.get("death", of_study))
    later = (str(chosen.get("no_follow_up", "censor")), death != "censor")
    reference = _REFERENCES[str(chosen.get("reference", "baseline"))]
    kept = _DEFINITIONS.get(str(chosen.get("definition", "first")), "")
    return (
        f"Event: the first score worse than {reference} by {points:g} points or more{kept}. "
        f"{_DEATH_WORDS[death]}. Without a baseline score a person is "
        f"{_NO_BASELINE[str(chosen.get('no_baseline', 'censor'))]}; without a later one "
        f"{_NO_FOLLOW_UP[later]}."
    )
