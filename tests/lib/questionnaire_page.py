"""The page of questionnaires: `python -m tests.lib.questionnaire_page > docs/questionnaires.md`.

Belongs here: names, item keys and visit windows as the code has them. Not here: the files of the
instruments, and never the wording of a question.
"""

from __future__ import annotations

import sys

from analyses.quality_of_life.instrument import Instrument, ItemGroup
from analyses.quality_of_life.registry import instruments
from analyses.quality_of_life.visits import DEFAULT_VISITS

HEAD = """# Questionnaires: names, item keys and visits

This page is generated from `analyses/quality_of_life/` by
`python -m tests.lib.questionnaire_page > docs/questionnaires.md`; edit the files there, not it.

For the columns `instrument`, `item` and `respondent` of a [delivery](common-extract-format.md), and
for `quality_of_life.instruments` and `deterioration:<instrument>:<scale>` of a [study](studies.md).
Letter case, blanks and punctuation of names and keys do not matter. Another instrument is
[one file](../analyses/quality_of_life/instruments/README.md). Important differences are in points
of the scale; a study may say [others](quality-of-life.md#change-from-baseline), and must where none
is known to have people counted as improved or deteriorated.
"""
VISITS = """
## Visits

`visits: default` of a study are all of these; a list of their names is some of them, and days by
name (`{baseline: 0, W6: 42}`) are others ([how](quality-of-life.md#visits)). Days are counted from
the index date; both ends of a window are in it.

| visit | nominal day | window, days |
|---|---|---|
"""


def page() -> str:
    """The page as Markdown."""
    visits = "\n".join(
        f"| `{visit.name}` | {visit.nominal_day} | {visit.first_day} to {visit.last_day} |"
        for visit in DEFAULT_VISITS
    )
    return HEAD + "".join(map(_instrument, instruments().values())) + VISITS + visits + "\n"


def _instrument(one: Instrument) -> str:
    names = ", ".join(f"`{name}`" for name in (one.id, *one.aliases))
    lines = [
        f"\n## {one.title}\n",
        f"- names: {names}",
        f"- answered by: {', '.join(f'`{who}`' for who in one.respondents)}",
        *(f"- items {_items(group)}" for group in one.item_groups),
        f"- scales: {', '.join(f'`{scale.name}` ({scale.title})' for scale in one.scales)}",
    ]
    lines.append(f"- important difference, better/worse: {_differences(one)}")
    if without := [name for name in one.scale_names if one.important_difference(name) is None]:
        lines.append(f"- no important difference is known of {', '.join(map(_code, without))}")
    notes: dict[str, list[str]] = {}
    for scale in one.scales:
        if not scale.verified:
            notes.setdefault(scale.note, []).append(f"`{scale.name}`")
    lines += [f"- not verified: {', '.join(names)}. {note}" for note, names in notes.items()]
    if one.not_answered_codes:
        codes = ", ".join(map(str, one.not_answered_codes))
        lines.append(f"- codes of an answer not given: {codes}")
    if one.key_aliases:
        other = ", ".join(f"`{alias}`" for alias in one.key_aliases)
        lines.append(f"- other spellings of keys that are read: {other}")
    if one.key_prefixes:
        short = ", ".join(f"`{long}...` is `{key}...`" for long, key in one.key_prefixes.items())
        lines.append(f"- other beginnings of keys that are read: {short}")
    if one.series:
        lines.append(f"- a form of `{one.series}` for some ages: a study names that")
    return "\n".join(lines) + "\n"


def _differences(one: Instrument) -> str:
    """The smallest changes that matter, for the better and for the worse, in points."""
    said = [
        f"{', '.join(map(_code, of.scales))}: {of.improvement:g}/{of.deterioration:g}"
        f"{'' if of.verified else ' (not verified)'}"
        for of in one.minimal_important_difference
    ]
    return "; ".join(said) or "none"


def _code(name: str) -> str:
    return f"`{name}`"


def _items(group: ItemGroup) -> str:
    keys = ", ".join(f"`{key}`" for key in group.keys)
    return f"{keys}: {group.minimum} to {group.maximum}"


if __name__ == "__main__":
    sys.stdout.write(page())
