"""A study's quality of life: completion, means over the visits by method, and what to know of them.

Puts the parts together for a study's cohort; the rules are in the modules it calls. Takes the
columns of marts.questionnaire_form and marts.questionnaire_score, reads no database.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING

import pandas as pd

from analyses.quality_of_life.answer_patterns import answer_patterns
from analyses.quality_of_life.answered import answered_scales
from analyses.quality_of_life.at_visits import AtVisits, at_visits
from analyses.quality_of_life.change import change
from analyses.quality_of_life.completion import completion
from analyses.quality_of_life.group_difference import group_differences
from analyses.quality_of_life.inputs import people_of, registered_rows
from analyses.quality_of_life.instrument import Instrument
from analyses.quality_of_life.item_completion import item_completion
from analyses.quality_of_life.methods import curves
from analyses.quality_of_life.qaly import qaly
from analyses.quality_of_life.registry import find_instrument
from analyses.quality_of_life.sensitivity import sensitivity
from analyses.quality_of_life.visits import DEFAULT_VISITS, Visit
from analyses.quality_of_life.z_score import z_scores
from analyses.results import RESULT_TABLES
from analyses.results.quality_of_life_tables import QUALITY_OF_LIFE_TABLES

if TYPE_CHECKING:
    from analyses.studies import Study

COLUMNS: dict[str, tuple[str, ...]] = {
    name: RESULT_TABLES[name].names for name in (*QUALITY_OF_LIFE_TABLES, "diagnostic")
}
_FORM = (
    "source", "patient_id", "questionnaire_id", "instrument", "respondent", "visit",
    "completed_date", "not_completed_reason", "n_items_answered", "n_items_unusable",
)  # fmt: skip
_SCORE = ("source", "questionnaire_id", "instrument", "scale", "value", "withheld")
_ITEM = ("source", "questionnaire_id", "instrument", "item", "state")
# What a reader should be warned of; the other forms set aside are a matter of course.
_WARN = ("forms_without_date", "forms_after_death", "utilities_outside_ages")


def evaluate(
    study: Study,
    cohort: pd.DataFrame,
    forms: pd.DataFrame,
    scores: pd.DataFrame,
    items: pd.DataFrame | None = None,
    *,
    reference: str | None = None,
) -> dict[str, pd.DataFrame]:
    """Quality-of-life results of a study.

    Args:
        study: its id, analysis set, quality_of_life and horizons_days are used.
        cohort: one row a person: patient_id, stratum, start_date, end_of_follow_up, death_date
            (empty if alive at the cut-off), cutoff_date, age_years (at the start, may be empty),
            and if wanted entry_days (registered so many days after the start: left truncation).
        forms: columns of marts.questionnaire_form, one row a form, of the persons of the cohort.
        scores: columns of marts.questionnaire_score, one row a form and scale.
        items: columns of marts.questionnaire_item, one row a form and item without an answer to
            score; without them item_completion has no rows of single items.
        reference: the stratum differences are taken from; none are without one.

    Forms are linked by patient_id whatever source they come from.

    Returns:
        `quality_of_life_curve`: one row per instrument, scale, method, stratum and visit. Method
        `observed` is the mean of those who answered, at every visit somebody was expected at;
        `mixed_model` and `spline_model` the mean if nobody had died or dropped out (hypothetical);
        `while_alive` that of those alive at the visit, drop-out weighted for (see
        `answering.answering_weights`); where many die, `composite` counts the dead at the worst
        score and `survivors` is of those alive at the last visit (see `with_deaths`). All but the
        first have rows where they have an estimate. A
        scale answered by another than the patient is named `<scale>:<respondent>`
        (`total:parent`). n_completed are people with that score. n_expected are those expected to
        fill in the instrument; of an instrument with several respondents, and for any respondent
        but the patient, those of them who ever sent a form by that respondent. A utility counts,
        and is expected, only at ages its value set is for.
        `quality_of_life_change`: per instrument, scale, stratum and visit; see `change.change`.
        `qaly`: of each utility, per stratum, horizon, method and discount rate; see `qaly.qaly`.
        `completion`: per instrument, stratum, visit and reason; see `completion.completion`. A
        visit is completed when any respondent's form has a score.
        `quality_of_life_difference`, `quality_of_life_sensitivity`, `quality_of_life_pattern`,
        `quality_of_life_z_score` and `item_completion`: see `group_difference`, `sensitivity`,
        `answer_patterns`, `z_score` and `item_completion`.
        `diagnostic`: the numbers of forms and utilities set aside, zeros included, forms from
        before their person was registered (used: only who lived to it has one), scales without a
        mixed model, and the largest weight of answering.

    Raises:
        AnalysisError: a column is missing, or a date or a stratum of the cohort is empty.
    """
    evaluated = _evaluate(study, cohort, forms, scores, items)
    of_study = {"study_id": study.id, "analysis_set": study.analysis_set}
    parts: dict[str, list[pd.DataFrame]] = {name: [] for name in COLUMNS}
    people = people_of(cohort)
    for one in evaluated:
        for name, frame in _of_instrument(study, one, people, reference).items():
            parts[name].append(frame.assign(instrument=one.instrument.id, **of_study))
    return {name: _stacked(frames, COLUMNS[name]) for name, frames in parts.items()}


def _of_instrument(
    study: Study, one: AtVisits, people: pd.DataFrame, reference: str | None
) -> dict[str, pd.DataFrame]:
    """The frames of one instrument by table."""
    assert study.quality_of_life is not None  # else nothing is evaluated
    asked = study.quality_of_life
    visits = asked.planned
    drawn = curves(one, visits)
    scales = list(answered_scales(one))
    jointly = [
        name.partition(":")[2]
        for name in asked.sensitivity.joint_model
        if name.partition(":")[0] == one.instrument.id
    ]
    shaken, found = sensitivity(
        one,
        scales,
        drawn.models,
        visits,
        deltas=asked.sensitivity.deltas,
        jointly=jointly,
        reference=reference,
    )
    return {
        "quality_of_life_curve": drawn.rows,
        "quality_of_life_change": change(one, visits),
        "quality_of_life_difference": group_differences(scales, drawn.models, visits, reference),
        "quality_of_life_sensitivity": shaken,
        "quality_of_life_pattern": answer_patterns(scales, one.follow_up, visits, one.instrument),
        "quality_of_life_z_score": z_scores(one, people, asked.norms, visits),
        "qaly": _qaly(study, one),
        "completion": completion(one.grid),
        "item_completion": item_completion(one),
        "diagnostic": pd.DataFrame(
            [*_set_aside(one), *_before_registration(one), *_warnings([*drawn.findings, *found])]
        ),
    }


def _qaly(study: Study, one: AtVisits) -> pd.DataFrame:
    """Quality-adjusted years, discounted as the study says."""
    assert study.quality_of_life is not None  # else nothing is evaluated
    asked, visits = study.quality_of_life.discounting, study.quality_of_life.planned
    later = None
    if asked.later_rate is not None and asked.later_from_years is not None:
        later = (asked.later_rate, asked.later_from_years)
    table = qaly(one, visits, study.horizons_days, asked.rates, later)
    return table.assign(adjustment="none")


def _set_aside(one: AtVisits) -> Iterator[dict[str, object]]:
    """The numbers of forms and utilities that were not used."""
    for why, number in one.set_aside.items():
        warns = why in _WARN
        yield _finding(
            f"{why}: {one.instrument.id}", float(number), 1.0 if warns else None, warns and number
        )


def _before_registration(one: AtVisits) -> Iterator[dict[str, object]]:
    """Forms with a score from before their person was registered: used, and told."""
    forms = one.scores.drop_duplicates(["cell", "respondent"])
    # Of those registered late: a baseline from before the start is before everybody's registration.
    entry = one.follow_up.entries[forms["unit"]]
    number = int(((entry > 0) & (forms["day"] < entry)).sum())
    if number:
        yield _finding(f"forms_before_registration: {one.instrument.id}", float(number), 1.0, True)


def _warnings(findings: list[tuple[str, float, float]]) -> Iterator[dict[str, object]]:
    """What a method found; a value that reaches its threshold is a warning."""
    for diagnostic, value, threshold in findings:
        yield _finding(diagnostic, value, threshold, value >= threshold)


def _finding(
    diagnostic: str, value: float, threshold: float | None, warns: object
) -> dict[str, object]:
    return {
        "adjustment": "none",
        "endpoint": None,
        "diagnostic": diagnostic,
        "value": value,
        "threshold": threshold,
        "status": "warn" if warns else "pass",
    }


def instrument_at_visits(
    instrument: Instrument,
    people: pd.DataFrame,
    forms: pd.DataFrame,
    scores: pd.DataFrame,
    items: pd.DataFrame | None = None,
    visits: tuple[Visit, ...] = DEFAULT_VISITS,
    not_asked: Collection[str] = (),
) -> AtVisits:
    """One instrument among `people` (`inputs.people_of`), from forms and scores as delivered."""
    forms = registered_rows(forms, _FORM, "forms")
    scores = registered_rows(scores, _SCORE, "scores")
    scores = scores[scores["value"].notna() | scores["withheld"].notna()]
    if items is not None:
        items = registered_rows(items, _ITEM, "items")
        items = items[items["instrument"] == instrument.id]
    return at_visits(
        instrument,
        people,
        forms[forms["instrument"] == instrument.id],
        scores[scores["instrument"] == instrument.id],
        visits,
        items,
        not_asked,
    )


def _evaluate(
    study: Study,
    cohort: pd.DataFrame,
    forms: pd.DataFrame,
    scores: pd.DataFrame,
    items: pd.DataFrame | None,
) -> list[AtVisits]:
    if study.quality_of_life is None:
        return []
    people = people_of(cohort)
    named = [find_instrument(name) for name in study.quality_of_life.instruments]
    if people.empty:
        return []
    asked = study.quality_of_life
    return [
        instrument_at_visits(
            one.with_differences(asked.differences(one.id)),
            people,
            forms,
            scores,
            items,
            asked.planned,
            asked.not_asked.get(one.id, ()),
        )
        for one in named
    ]


def _stacked(parts: list[pd.DataFrame], columns: tuple[str, ...]) -> pd.DataFrame:
    filled = [part for part in parts if len(part)]
    if not filled:
        return pd.DataFrame(columns=list(columns))
    return pd.concat(filled, ignore_index=True)[list(columns)]
