"""Time to deterioration of a score, first or definitive, as rows for the survival analyses.

The rules are here: reference, definitions, what a missing baseline and a death are. Curves and
tests of the rows are `analyses.survival`.
"""

from __future__ import annotations

from typing import Literal, TypedDict

import numpy as np
import pandas as pd

from analyses.errors import AnalysisError, rows
from analyses.quality_of_life.answers import Booleans, Floats
from analyses.quality_of_life.change import ROUNDING

Reference = Literal["baseline", "best", "previous"]
Definition = Literal["first", "definitive_1", "definitive_2", "definitive_3"]
Death = Literal["censor", "event", "competing"]
NoBaseline = Literal["censor", "event", "exclude"]
NoFollowUp = Literal["censor", "event"]


class Choices(TypedDict, total=False):
    """Choices of `time_to_deterioration` other than its threshold and direction."""

    reference: Reference
    definition: Definition
    death: Death
    no_baseline: NoBaseline
    no_follow_up: NoFollowUp


_COLUMNS = ["time", "event", "cause", "reason"]


def time_to_deterioration(
    scores: pd.DataFrame,
    people: pd.DataFrame,
    *,
    threshold: float,
    higher_is: Literal["better", "worse"] = "better",
    reference: Reference = "baseline",
    definition: Definition = "first",
    death: Death = "censor",
    no_baseline: NoBaseline = "censor",
    no_follow_up: NoFollowUp = "censor",
) -> pd.DataFrame:
    """Time to deterioration of each person, in days since the start.

    Args:
        scores: unit, time (days), value; one row a form, none without a value. The baseline is the
            last score of day 0 or before; the scores after it are the follow-up.
        people: unit, one row a person, and death_time (days, empty when alive); for deaths that
            count also observed_until (days): when a person's observation ends whether or not they
            die, as by a visit missed after the last score. Without that column it is QoLR's rule:
            who lives leaves at the last score, who dies is at risk until then.
        threshold: points by which a score must be worse than its reference.
        reference: the `baseline` score; the `best` one given so far, baseline included; or the
            `previous` one.
        definition: `first` is the first deterioration. The others are the first that the scores
            after it bear out, a last score being borne out by itself: `definitive_1` that none is
            better than the reference by more than the threshold, `definitive_2` that all are worse
            than the reference by the threshold or more, `definitive_3` that none is better than
            the deteriorated score by more than the threshold.
        death: without a deterioration before it, a death is no event (the person is censored at
            their last score), an event, or a competing event; both at the day of death. A death
            that counts does so up to observed_until, where everybody else is censored then.
        no_baseline: who has no baseline score is censored or an event at day 0, or left out,
            whatever the reference and whether they die.
        no_follow_up: who has no later score is censored at day 1 (at observed_until where it
            holds) or an event at day 1; a death that counts goes before.

    Returns:
        unit, the other columns of `people` but death_time and observed_until, time, event (0/1),
        cause (0 censored, 1 an event, 2 a competing death) and reason (deterioration, death,
        last_score, no_baseline, no_follow_up): one row a person in the order of `people`.

    Source: Anota et al., Qual Life Res 2015;24:5-18; Bonnetain et al., Eur J Cancer
    2010;46:2753-2762; definitions and defaults of R's QoLR::TTD and TUDD; observed_until is our
    own (docs/decisions/0022).

    Raises:
        AnalysisError: a column is missing or empty, a person is not among `people` or has two
            scores on one day, or the threshold is not positive.
    """
    _require(scores, people, threshold)
    given = scores.assign(
        person=pd.Index(people["unit"]).get_indexer(scores["unit"]),
        value=scores["value"] if higher_is == "better" else -scores["value"],
    ).sort_values(["person", "time"])
    baseline, times, values = _laid_out(given, len(people))
    happened = _deteriorated(baseline, values, threshold, reference, definition)
    has = np.asarray(happened.any(axis=1))
    first = np.where(has, happened.argmax(axis=1), 0)
    when = times[np.arange(len(people)), first]
    ends = np.where(np.isnan(times), -np.inf, times).max(axis=1, initial=-np.inf)
    dies = people["death_time"].to_numpy(dtype=float)
    none_later, no_start = ~np.isfinite(ends), np.isnan(baseline)
    counts, leaves = np.zeros(len(people), dtype=bool), np.where(none_later, 1.0, ends)
    if death != "censor":
        counts = ~np.isnan(dies)
    if death != "censor" and "observed_until" in people:
        leaves = np.maximum(leaves, people["observed_until"].to_numpy(dtype=float))
        counts &= dies <= leaves
    # The first that holds: time, cause and why.
    cases: list[tuple[Booleans, Floats, int, str]] = [
        (no_start, np.zeros(len(people)), int(no_baseline == "event"), "no_baseline"),
        (has, when, 1, "deterioration"),
        (counts, dies, 1 if death == "event" else 2, "death"),
        (none_later & (no_follow_up == "event"), np.ones(len(people)), 1, "no_follow_up"),
        (none_later, leaves, 0, "no_follow_up"),
        (np.ones(len(people), dtype=bool), leaves, 0, "last_score"),
    ]
    apart = people.columns.intersection(["death_time", "observed_until"])
    table = people.drop(columns=apart).reset_index(drop=True)
    table = table.assign(**dict.fromkeys(_COLUMNS, np.nan)).astype({"reason": object})
    for where, time, cause, reason in reversed(cases):
        found = pd.DataFrame({"time": time, "cause": cause, "reason": reason})
        table.loc[where, ["time", "cause", "reason"]] = found[where]
    table["event"] = table["cause"] == 1
    table = table.astype({"time": float, "cause": int, "event": int})
    if no_baseline == "exclude":
        table = table[~no_start].reset_index(drop=True)
    return table


def deterioration_sensitivity(
    scores: pd.DataFrame, people: pd.DataFrame, **choices: object
) -> pd.DataFrame:
    """The rows of `time_to_deterioration` under its four customary sensitivity analyses.

    `choices` are its other arguments. A column `analysis` tells `main`, `SA1` (without a baseline
    or a follow-up score is an event), `SA2` (death is an event) and `SA3` (both).
    """
    missing = {"no_baseline": "event", "no_follow_up": "event"}
    died = {"death": "event"}
    analyses = {"main": {}, "SA1": missing, "SA2": died, "SA3": {**missing, **died}}
    parts = [
        time_to_deterioration(scores, people, **{**choices, **changed}).assign(analysis=name)  # type: ignore[arg-type]
        for name, changed in analyses.items()
    ]
    return pd.concat(parts, ignore_index=True)


def _require(scores: pd.DataFrame, people: pd.DataFrame, threshold: float) -> None:
    """Refuses frames the rules cannot be applied to."""
    wanted = {"scores": (scores, ("unit", "time", "value")), "people": (people, ("unit",))}
    for what, (frame, columns) in wanted.items():
        more = ("death_time",) if what == "people" else ()
        missing = [name for name in (*columns, *more) if name not in frame.columns]
        if missing:
            message = f"{what} lack the column {', '.join(missing)}"
            raise AnalysisError(message)
        for column in columns:
            if n_empty := int(frame[column].isna().sum()):
                message = f"{what}: {column} is empty in {rows(n_empty)}; leave those out"
                raise AnalysisError(message)
    if not threshold > 0:
        message = "the threshold must be more than 0 points"
        raise AnalysisError(message)
    if repeated := int(people["unit"].duplicated().sum()):
        message = f"people: {rows(repeated)} repeat a unit; give one row a person"
        raise AnalysisError(message)
    if unknown := int((~scores["unit"].isin(people["unit"])).sum()):
        message = f"scores: {rows(unknown)} are of nobody among the people"
        raise AnalysisError(message)
    if repeated := int(scores.duplicated(["unit", "time"]).sum()):
        message = f"scores: {rows(repeated)} repeat a unit and time; keep one score a day"
        raise AnalysisError(message)


def _laid_out(given: pd.DataFrame, n_people: int) -> tuple[Floats, Floats, Floats]:
    """Baseline (people), and times and values of the later scores (people, scores; NaN after)."""
    baseline = np.full(n_people, np.nan)
    before = given[given["time"] <= 0].drop_duplicates("person", keep="last")
    baseline[before["person"]] = before["value"]
    later = given[given["time"] > 0]
    place = later.groupby("person").cumcount().to_numpy()
    shape = (n_people, int(place.max(initial=0)) + 1)
    times, values = np.full(shape, np.nan), np.full(shape, np.nan)
    times[later["person"], place] = later["time"]
    values[later["person"], place] = later["value"]
    return baseline, times, values


def _deteriorated(
    baseline: Floats, values: Floats, threshold: float, reference: Reference, definition: Definition
) -> Booleans:
    """Where a score (higher is better) is a deterioration that meets the definition."""
    so_far = np.column_stack([baseline, values])[:, :-1]
    against = {
        "baseline": np.broadcast_to(baseline[:, None], values.shape),
        "best": np.fmax.accumulate(so_far, axis=1),
        "previous": so_far,
    }[reference]
    # The best of the scores after each; of none, less than any score.
    filled = np.where(np.isnan(values), -np.inf, values)
    later = np.full(values.shape, -np.inf)
    later[:, :-1] = np.maximum.accumulate(filled[:, :0:-1], axis=1)[:, ::-1]
    holds = {
        "first": np.ones(values.shape, dtype=bool),
        "definitive_1": later - against <= threshold + ROUNDING,
        "definitive_2": later - against <= -threshold + ROUNDING,
        "definitive_3": later - values <= threshold + ROUNDING,
    }[definition]
    return np.asarray((values - against <= -threshold + ROUNDING) & holds)
