"""The result tables of a public release: what may be shown of each, and nothing that tells more.

Belongs here: which rule applies to which table. Does not belong here: the rules.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import TYPE_CHECKING

import pandas as pd

from analyses.disclosure import (
    release_counts,
    release_curves,
    release_estimates,
    release_extrapolation,
    release_safety,
    release_survival,
)
from analyses.disclosure import release_quality_of_life as quality_of_life
from analyses.disclosure.counts import round_counts
from analyses.disclosure.labels import withhold_labels
from analyses.disclosure.policy import SuppressionPolicy
from analyses.disclosure.precision import in_digits
from analyses.disclosure.study_counts import StudyCounts
from analyses.results import RESULT_TABLES, conform, empty

if TYPE_CHECKING:
    from analyses.survival.limits import ConfidenceType

#: Numbers of people whose column does not begin with `n_`.
_PEOPLE = ("n", "observed")
_Rule = Callable[[pd.DataFrame, StudyCounts], pd.DataFrame]

_RULES: dict[str, _Rule] = {
    "attrition": lambda rows, exact: _attrition(rows, exact),
    "baseline": lambda rows, exact: _per_study(rows, release_counts.baseline, exact.k),
    "completion": lambda rows, exact: _per_study(rows, release_counts.completion, exact.k),
    "diagnostic": release_counts.diagnostic,
    "survival_curve": release_curves.survival_curve,
    "cumulative_incidence": release_curves.cumulative_incidence,
    "survival_summary": release_curves.survival_summary,
    "comparison_test": release_estimates.comparison_test,
    "hazard_ratio": release_estimates.hazard_ratio,
    "quality_of_life_curve": quality_of_life.curve,
    "quality_of_life_change": lambda rows, exact: quality_of_life.change(rows, exact.k),
    "quality_of_life_difference": quality_of_life.difference,
    "quality_of_life_sensitivity": quality_of_life.sensitivity,
    "quality_of_life_pattern": quality_of_life.pattern,
    "quality_of_life_z_score": quality_of_life.z_score,
    "item_completion": quality_of_life.item_completion,
    "qaly": lambda rows, exact: quality_of_life.qaly(rows, exact.k),
    "balance": release_counts.balance,
    "parametric_model": release_extrapolation.parametric_model,
    "parametric_curve": release_extrapolation.parametric_curve,
    "extrapolated_mean": release_extrapolation.extrapolated_mean,
    # Made of single events' times, and it ends at one person's.
    "smoothed_hazard": lambda rows, _: rows.iloc[:0],
    "incidence_rate": release_safety.incidence_rate,
    "mean_cumulative_count": release_safety.mean_cumulative_count,
    "standardised_incidence": release_safety.standardised_incidence,
    "contrast": release_curves.contrast,
    "survival_quantile": release_curves.quantile,
    "survival_band": release_curves.band,
    "state_probability": release_survival.state_probability,
    "state_time": release_survival.state_time,
    "state_transition": release_survival.state_transition,
    # With the people in a state on a day it would tell single moves between two days.
    "transition_probability": lambda rows, _: rows.iloc[:0],
    "landmark_curve": release_curves.landmark_curve,
    "subgroup": release_survival.subgroup,
}


def suppress_results(
    tables: dict[str, pd.DataFrame],
    policy: SuppressionPolicy,
    *,
    conf_types: Mapping[str, ConfidenceType] | None = None,
    unlisted: Collection[str] = (),
) -> dict[str, pd.DataFrame]:
    """The result tables (of one study or several) as a `public` release may show them.

    Every table of RESULT_TABLES, with its columns; what may not be shown is NULL, curves and what
    is read from them are estimated anew on counts in steps of the threshold, with the confidence
    limits of each study's kind (`conf_types`, default log-log). Counts below the threshold go with
    whatever gives them back inside their table and across the tables of a study; numbers that two
    endpoints of nearly the same events would tell by their difference are not looked for. Other
    estimates have three significant digits: the rest of them tells exact counts. Labels of few
    people, and codes that no list knows (`unlisted`), are withheld (labels.py).
    """
    nothing = {name: empty(name) for name in RESULT_TABLES}
    filled = {name: conform(name, rows) for name, rows in tables.items() if len(rows)}
    counts = StudyCounts(nothing | filled, policy.threshold, policy.rounding, conf_types or {})
    shown = {}
    for name, rows in filled.items():
        released = _RULES[name](rows, counts)
        if policy.rounding is not None:
            released = _rounded(released, policy.rounding)
        # The types first: a column of no type of its own would keep its digits.
        shown[name] = in_digits(conform(name, released))
    named = withhold_labels(shown, counts, unlisted)
    return nothing | {name: conform(name, rows) for name, rows in named.items()}


def _attrition(rows: pd.DataFrame, exact: StudyCounts) -> pd.DataFrame:
    small = {study_id for study_id, _ in exact.small_strata()}
    return pd.concat(
        [
            release_counts.attrition(study, exact.k, hide_size=study_id in small)
            for study_id, study in rows.groupby("study_id", sort=False)
        ],
        ignore_index=True,
    )


def _per_study(
    rows: pd.DataFrame, rule: Callable[[pd.DataFrame, int], pd.DataFrame], k: int
) -> pd.DataFrame:
    return pd.concat(
        [rule(study, k) for _, study in rows.groupby("study_id", sort=False)], ignore_index=True
    )


def _rounded(rows: pd.DataFrame, base: int) -> pd.DataFrame:
    """Shown counts rounded; percentages of the baseline made anew from them."""
    columns = [name for name in rows.columns if str(name).startswith("n_") or name in _PEOPLE]
    shown = rows.assign(**{name: round_counts(rows[name], base) for name in columns})
    if "statistic" not in rows.columns or "variable" not in rows.columns:
        return shown
    counted = shown["statistic"].isin(["n", "missing"])
    shown.loc[counted, "value"] = round_counts(shown.loc[counted, "value"], base).astype("float64")
    keys = ["study_id", "stratum", "variable"]
    levels = shown[(shown["statistic"] == "n") & shown["level"].notna()]
    totals = levels.groupby(keys)["value"].agg(lambda counts: counts.sum(skipna=False))
    shares = levels.set_index([*keys, "level"])["value"]
    for place in shown.index[shown["statistic"] == "percent"]:
        key = tuple(shown.loc[place, keys])
        total, count = totals.get(key), shares.get((*key, shown.loc[place, "level"]))
        known = total is not None and count is not None and total > 0
        shown.loc[place, "value"] = 100 * count / total if known else float("nan")
    return shown
