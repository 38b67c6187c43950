"""Words of the data in a public release: those of few people, and codes in no list, are withheld.

Belongs here: which labels are withheld, and their place in every table. Does not belong here: the
numbers of a group (release_*.py). A label is what a cell of a delivery holds: a stratum, a level, a
cause of death, a respondent. One that stands for fewer than k people is somebody's, and a code that
no list knows may hold any words.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping

import pandas as pd

from analyses.cohort import AGE_BANDS, MISSING, OVERALL
from analyses.disclosure.counts import is_small
from analyses.disclosure.study_counts import StudyCounts

WITHHELD = "withheld"
UNLISTED = "unlisted"
#: Columns that hold a label, and texts that name one among other words.
_LABELS = ("stratum", "level", "reference", "cause", "respondent")
_TEXTS = ("term", "test", "scale", "diagnostic")
_OWN_WORDS = frozenset(
    {OVERALL, MISSING, WITHHELD, "F", "M", "U", "free_text", *(band[-1] for band in AGE_BANDS)}
)
_DEATHS = "death_by_cause"
# Columns of a row's key that are numbers; every other number is a measure.
_KEYS = frozenset(
    {"time_days", "horizon_days", "horizon_years", "landmark_days", "probability", "step"}
    | {"discount_rate"}
)


def withhold_labels(
    shown: Mapping[str, pd.DataFrame], exact: StudyCounts, unlisted: Collection[str]
) -> dict[str, pd.DataFrame]:
    """The shown tables without the labels of few people, and without codes in no list.

    Labels of few become `withheld`, all of a study together, and their rows have no number. A code
    of `unlisted` that stands for enough people becomes `unlisted_1`, `unlisted_2`, ... and keeps
    its numbers. Words of ours (missing, overall, F, M, U, age groups) stay.
    """
    released: dict[str, list[pd.DataFrame]] = {name: [] for name in shown}
    studies = sorted({study_id for rows in shown.values() for study_id in rows["study_id"]})
    for study_id in studies:
        small = set(_of_few(exact, study_id))
        named = _named(exact, study_id, unlisted) - small
        names = {label: f"{UNLISTED}_{number}" for number, label in enumerate(sorted(named), 1)}
        # A text may name a code that no table of the study has as a label.
        rest = {code for code in unlisted if _is_of_data(code)} - names.keys()
        names |= dict.fromkeys([*small, *rest], WITHHELD)
        for name, rows in shown.items():
            mine = rows[rows["study_id"] == study_id]
            released[name] += [_without(mine, names)] if len(mine) else []
    return {
        name: pd.concat(parts, ignore_index=True) if parts else shown[name]
        for name, parts in released.items()
    }


def _of_few(exact: StudyCounts, study_id: str) -> Iterator[str]:
    """Labels of data that stand for fewer than k people wherever the study counts them."""
    found: dict[str, float] = {}
    for label, people in _counted(exact, study_id):
        found[label] = max(people, found.get(label, 0.0))
    yield from (
        label for label, people in found.items() if is_small(people, exact.k) and _is_of_data(label)
    )


def _counted(exact: StudyCounts, study_id: str) -> Iterator[tuple[str, float]]:
    """(label, people) of every count of a labelled group of one study."""

    def of(name: str) -> pd.DataFrame:
        rows = exact.tables[name]
        return rows[rows["study_id"] == study_id]

    baseline = of("baseline")
    sizes = baseline[baseline["variable"] == "patients"]
    yield from zip(sizes["stratum"], sizes["value"], strict=True)
    levels = baseline[(baseline["statistic"] == "n") & baseline["level"].notna()]
    everybody = levels[levels["stratum"] == OVERALL]
    yield from zip(everybody["level"], everybody["value"], strict=True)
    # The causes of every other endpoint are words of the endpoint dictionary.
    incidence = of("cumulative_incidence")
    # A weighted curve counts the same people once more.
    keys = ["cause", "analysis_set", "adjustment"]
    deaths = incidence[incidence["endpoint"] == _DEATHS].groupby(keys)["n_event"].sum()
    yield from ((str(cause), float(number)) for (cause, *_), number in deaths.items())
    subgroups = of("subgroup").groupby("level")["n"].max().dropna()
    yield from ((str(level), float(number)) for level, number in subgroups.items())
    forms = of("item_completion").groupby("respondent")["n_forms"].max().dropna()
    yield from ((str(one), float(number)) for one, number in forms.items())
    scales = of("quality_of_life_curve").groupby("scale")["n_completed"].max().dropna()
    for scale, number in scales.items():
        yield str(scale).partition(":")[2], float(number)


def _named(exact: StudyCounts, study_id: str, unlisted: Collection[str]) -> set[str]:
    """Labels of a study's tables that are codes in no list, however they are spelt."""
    keys = {_key(code) for code in unlisted if _is_of_data(code)}
    return {
        label
        for label, _ in _counted(exact, study_id)
        if _is_of_data(label) and _key(label) in keys
    }


def _without(rows: pd.DataFrame, names: Mapping[str, str]) -> pd.DataFrame:
    """Rows of one study with labels renamed, and without a number where one is of few."""
    if not names:
        return rows
    in_text = _replacing(names)
    of_few = pd.Series(False, index=rows.index)
    renamed = rows.copy()
    for column in (*_LABELS, *_TEXTS):
        if column not in rows.columns:
            continue
        change: Callable[[str], str] = in_text if column in _TEXTS else _exchanging(names)
        texts = rows[column].map(change, na_action="ignore")
        said = rows[column].map(lambda text: str(text).count(WITHHELD), na_action="ignore")
        now = texts.map(lambda text: str(text).count(WITHHELD), na_action="ignore")
        of_few |= (now > said).fillna(False).astype(bool)
        renamed[column] = texts
    measures = [name for name in rows.select_dtypes("number").columns if name not in _KEYS]
    for name in measures:
        renamed[name] = renamed[name].mask(of_few)
    return renamed[~(of_few & renamed.duplicated())]


def _exchanging(names: Mapping[str, str]) -> Callable[[str], str]:
    return lambda text: names.get(text, text)


def _replacing(names: Mapping[str, str]) -> Callable[[str], str]:
    """Every label in a text, the longest first, where it stands as a word of its own."""
    longest = sorted(names, key=len, reverse=True)
    pattern = re.compile("|".join(rf"(?<!\w){re.escape(label)}(?!\w)" for label in longest))
    return lambda text: pattern.sub(lambda found: names[found[0]], text)


def _is_of_data(label: str) -> bool:
    """Whether a label may be words of somebody: not ours, and not a small number (a line)."""
    return bool(label) and label not in _OWN_WORDS and not re.fullmatch(r"\d{1,2}", label)


def _key(label: str) -> str:
    """Spellings that differ in case and signs only are one code, as in marts.unmapped_code."""
    return re.sub(r"[\W_]+", "", label).casefold()
