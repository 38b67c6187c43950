"""The name of a deterioration as an endpoint, and the choices it may make.

`deterioration:<instrument>:<scale>[:<respondent>][@<choice>+<choice>]`. Belongs here: reading and
writing that name. Does not belong here: the rules chosen among (`deterioration`).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from difflib import get_close_matches

from analyses.quality_of_life.deterioration import Choices
from analyses.quality_of_life.instrument import Instrument
from analyses.quality_of_life.registry import find_instrument
from analyses.quality_of_life.score_range import score_range

PREFIX = "deterioration:"
# Before the points of a threshold, as in threshold_5.
THRESHOLD = "threshold_"
_MISSING: Choices = {"no_baseline": "event", "no_follow_up": "event"}
_DEATH: Choices = {"death": "event"}
# What each word chooses; the defaults (first, baseline, censored) have none. Words are kept in this
# order in the name, so that one analysis has one name.
CHOICES: dict[str, Choices] = {
    "definitive_1": {"definition": "definitive_1"},
    "definitive_2": {"definition": "definitive_2"},
    "definitive_3": {"definition": "definitive_3"},
    "best": {"reference": "best"},
    "previous": {"reference": "previous"},
    "death_event": {"death": "event"},
    "death_censored": {"death": "censor"},
    "death_competing": {"death": "competing"},
    "no_baseline_event": {"no_baseline": "event"},
    "no_baseline_excluded": {"no_baseline": "exclude"},
    "no_follow_up_event": {"no_follow_up": "event"},
    "SA1": _MISSING,
    "SA2": _DEATH,
    "SA3": {**_MISSING, **_DEATH},
}


@dataclass(frozen=True)
class DeteriorationEndpoint:
    """A deterioration: of which scale by whom, and the choices made (`Choices`)."""

    instrument: Instrument
    scale: str
    respondent: str
    words: tuple[str, ...] = ()
    choices: Choices = field(default_factory=Choices)
    # Points the name asks for.
    threshold: float | None = None

    def points_or(self, of_study: float | None) -> float:
        """By how many points a score must be worse: the name says it, else the study, else the
        instrument's file."""
        if self.threshold is not None:
            return self.threshold
        if of_study is not None:
            return of_study
        known = self.instrument.important_difference(self.scale)
        assert known is not None  # the endpoint would have been refused
        return known.deterioration

    @property
    def id(self) -> str:
        """The name in its one spelling."""
        who = () if self.respondent == "self" else (self.respondent,)
        name = ":".join((PREFIX[:-1], self.instrument.id, self.scale, *who))
        return f"{name}@{'+'.join(self.words)}" if self.words else name

    @property
    def title(self) -> str:
        """A title in plain words."""
        scale = next(s for s in self.instrument.scales if s.name == self.scale)
        what = scale.title.split(", ")[0].lower()
        who = "" if self.respondent == "self" else f", by the {self.respondent}"
        kind = "Definitive deterioration" if "definition" in self.choices else "Deterioration"
        chosen = f" [{', '.join(word.replace('_', ' ') for word in self.words)}]"
        return f"{kind} of {what}{who} ({self.instrument.title}){chosen if self.words else ''}"


def deterioration_endpoint(name: str) -> DeteriorationEndpoint:
    """The endpoint of that name.

    Raises ValueError: it is not written so, or an instrument, scale, respondent or choice is not
    known, or two choices contradict each other; the nearest right word is named.
    """
    body, at, chosen = name.partition("@")
    parts = body.split(":")
    if len(parts) not in (3, 4) or f"{parts[0]}:" != PREFIX or (at and not chosen):
        raise ValueError(
            f"`{name}` is not written as `deterioration:<instrument>:<scale>`, with choices after "
            "`@`"
        )
    instrument = find_instrument(parts[1])
    scale = parts[2]
    if scale not in instrument.scale_names:
        hint = _nearest(scale, instrument.scale_names)
        raise ValueError(f"unknown scale `{scale}` of {instrument.id}{hint}")
    others = tuple(who for who in instrument.respondents if who != "self")
    if len(parts) == 4 and parts[3] not in others:
        hint = _nearest(parts[3], others)
        raise ValueError(f"{instrument.id} is not answered by `{parts[3]}`{hint}")
    words = tuple(chosen.split("+")) if chosen else ()
    asked = [word for word in words if word.startswith(THRESHOLD)]
    threshold = _threshold(asked, instrument, scale)
    if threshold is None and instrument.important_difference(scale) is None:
        raise ValueError(
            f"no minimal important difference of {instrument.id} {scale} is known, so its "
            "deterioration has no threshold; say one, as in `@threshold_10`, or add one to the "
            "file of the instrument"
        )
    words = tuple(word for word in words if word not in asked)
    respondent = parts[3] if len(parts) == 4 else "self"
    ordered = tuple(sorted(words, key=lambda word: [*CHOICES, word].index(word)))
    made = _choices(ordered)
    if threshold is not None:
        ordered = (*ordered, f"{THRESHOLD}{threshold:g}")
    return DeteriorationEndpoint(instrument, scale, respondent, ordered, made, threshold)


def _threshold(words: list[str], instrument: Instrument, scale: str) -> float | None:
    """The points of `threshold_<points>`; None where it is not said."""
    if not words:
        return None
    if len(words) > 1:
        raise ValueError(f"`{words[1]}` chooses threshold a second time; keep one of them")
    low, high = score_range(instrument, scale)
    try:
        points = float(words[0].removeprefix(THRESHOLD))
    except ValueError:
        points = 0.0
    if not 0 < points <= high - low:
        raise ValueError(
            f"`{words[0]}` is not written as `{THRESHOLD}<points>`, with points of {scale} above 0 "
            f"and at most {high - low:g}"
        )
    return points


def _choices(words: tuple[str, ...]) -> Choices:
    made = Choices()
    for word in words:
        if word not in CHOICES:
            raise ValueError(f"unknown choice `{word}` of a deterioration{_nearest(word, CHOICES)}")
        twice = sorted(set(made) & set(CHOICES[word]))
        if twice:
            raise ValueError(f"`{word}` chooses {', '.join(twice)} a second time; keep one of them")
        made.update(CHOICES[word])
    return made


def _nearest(word: str, known: Iterable[str]) -> str:
    names = list(known)
    near = get_close_matches(word, names, n=1, cutoff=0.6)
    if near:
        return f"; did you mean `{near[0]}`?"
    return f"; known: {', '.join(names)}" if names else ""
