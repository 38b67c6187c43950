"""Curves and what is read from them, estimated anew on counts in steps of k people.

Belongs here: survival_curve, survival_summary, cumulative_incidence, survival_quantile,
survival_band, contrast and landmark_curve of a public release. Does not belong here: the counts
(grouped_counts.py), tests and models (release_estimates.py).
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from analyses.disclosure.counts import is_small, whole_steps
from analyses.disclosure.grouped_counts import GroupedCounts, grouped_causes, grouped_counts
from analyses.disclosure.study_counts import StudyCounts

OF_CURVE = ["study_id", "endpoint", "analysis_set", "adjustment", "stratum"]
_LANDMARK = [*OF_CURVE[:-1], "state", "method", "landmark_days", "stratum"]
_LIMITS = ["std_error", "ci_lower", "ci_upper"]
_NUMBERS = ["value", *_LIMITS]


def survival_curve(rows: pd.DataFrame, exact: StudyCounts) -> pd.DataFrame:
    """The steps of each curve, with survival and limits of the grouped counts."""
    return _curves(rows, exact, OF_CURVE)


def landmark_curve(rows: pd.DataFrame, exact: StudyCounts) -> pd.DataFrame:
    """As survival_curve; a Simon-Makuch curve has people come in, k at a time."""
    return _curves(rows, exact, _LANDMARK)


def cumulative_incidence(rows: pd.DataFrame, exact: StudyCounts) -> pd.DataFrame:
    """The steps of each cause of k events or more, with incidence and limits of the counts."""
    from analyses.survival import cumulative_incidence_from_counts

    shown = []
    for key, group in _of(rows, OF_CURVE):
        curves = group.rename(columns={"time_days": "time"})
        if curves["n_at_risk"].max() < exact.k or not _countable(key):
            continue
        counts = grouped_causes(curves, exact.k, start=_start(curves, key, exact))
        if counts.steps.empty:
            continue
        names = list(counts.table["cause"].unique())
        table = counts.table.assign(cause=counts.table["cause"].map(names.index) + 1)
        found = cumulative_incidence_from_counts(table, conf_type=exact.conf_type(key[0]))
        found["cause"] = [names[code - 1] for code in found["cause"]]
        found = found.drop(columns=["n_at_risk", "n_event"])
        steps = counts.steps.merge(found, on=["cause", "time"], how="left")
        shown.append(_labelled(steps, OF_CURVE, key))
    return _together(shown, rows)


def survival_summary(rows: pd.DataFrame, exact: StudyCounts) -> pd.DataFrame:
    """Summaries of the grouped counts: nothing of few people or events.

    Survival and restricted means at a day after the last step are shown when no event is left out
    before it. n is withheld when it differs from the size of the stratum by few, n_event is in
    whole steps of k.
    """
    curves = _exact_curves(exact)
    shown = rows.reset_index(drop=True)
    follow_up = shown["statistic"] == "follow_up_median"
    values = pd.DataFrame(np.nan, columns=_NUMBERS, index=shown.index)
    for (*of, is_follow_up), group in _of(shown, [*OF_CURVE, follow_up]):
        key = tuple(of)
        curve = curves.get(key)
        if is_follow_up and curve is not None:
            curve = curve.rename(columns={"n_event": "n_censored", "n_censored": "n_event"})
        counts = _grouped(curve, key, exact)
        if counts is not None and curve is not None:
            values.loc[group.index] = [
                _summary(row, curve, counts, exact) for row in group.itertuples()
            ]
    n, n_event = (shown[name].astype("float64") for name in ("n", "n_event"))
    few_people = n.between(0, exact.k, inclusive="neither")
    few_events = n_event.between(0, exact.k, inclusive="neither")
    few_censored = (n - n_event).between(0, exact.k, inclusive="neither")
    hide = few_people | (few_events & ~follow_up) | (few_censored & follow_up)
    return shown.assign(
        n=shown["n"].mask(few_people | near_the_stratum(shown, exact)),
        n_event=whole_steps(shown["n_event"], exact.k).mask(few_people | few_events | few_censored),
        **{name: values[name].mask(hide) for name in _NUMBERS},
    )


def quantile(rows: pd.DataFrame, exact: StudyCounts) -> pd.DataFrame:
    """Quantiles of the grouped counts, by which k people or more had the event."""
    from analyses.survival import quantiles_from_counts

    curves = _exact_curves(exact)
    found: dict[tuple[Any, ...], pd.DataFrame] = {}
    for key, group in _of(rows, OF_CURVE):
        counts = _grouped(curves.get(key), key, exact)
        if counts is not None and len(counts.table):
            shares = sorted(group["probability"].unique())
            found[key] = quantiles_from_counts(
                counts.table, probabilities=shares, conf_type=exact.conf_type(key[0])
            ).set_index("probability")
    columns = {"time_days": "quantile", "ci_lower": "ci_lower", "ci_upper": "ci_upper"}
    shown = rows.reset_index(drop=True)
    for name, of in columns.items():
        days = [
            found[key].loc[share, of] if key in found else np.nan
            for *key_parts, share in shown[[*OF_CURVE, "probability"]].itertuples(index=False)
            for key in [tuple(key_parts)]
        ]
        shown[name] = np.round(np.array(days, dtype=float))
    n, n_event = (shown[name].astype("float64") for name in ("n", "n_event"))
    reached = n * shown["probability"].astype("float64")
    few = n_event.map(lambda one: is_small(one, exact.k)).astype(bool)
    few_censored = (n - n_event).between(0, exact.k, inclusive="neither")
    hide = (reached < exact.k) | few
    return shown.assign(
        **{name: shown[name].mask(hide) for name in columns},
        n=shown["n"].mask((n < exact.k) | near_the_stratum(shown, exact)),
        n_event=whole_steps(shown["n_event"], exact.k).mask(hide | few_censored),
    )


def band(rows: pd.DataFrame, exact: StudyCounts) -> pd.DataFrame:
    """Bands of the grouped counts at the steps; the critical value would tell the first unit."""
    from analyses.survival import simultaneous_bands

    curves = _exact_curves(exact)
    shown = []
    for key, _ in _of(rows, [*OF_CURVE, "band", "transform"]):
        counts = _grouped(curves.get(key[:-2]), key[:-2], exact)
        if counts is None or counts.steps.empty:
            continue
        found = simultaneous_bands(counts.table, kind=key[-2], transform=key[-1])
        steps = counts.steps[["time"]].merge(found, on="time")
        steps["critical_value"] = np.nan
        shown.append(_labelled(steps, [*OF_CURVE, "band", "transform"], key))
    return _together(shown, rows)


def contrast(rows: pd.DataFrame, exact: StudyCounts) -> pd.DataFrame:
    """Differences and ratios of the shown restricted means.

    A difference of survival is withheld always, as in comparison_test.
    """
    from analyses.survival import difference_of, ratio_of

    shown = survival_summary(exact.tables["survival_summary"], exact)
    means = shown[shown["statistic"] == "rmst"].rename(
        columns={"value": "rmst", "horizon_days": "horizon"}
    )
    columns = ["estimate", *_LIMITS, "p_value"]
    released = rows.reset_index(drop=True)
    released[columns] = np.nan
    estimators = {"rmst_difference": difference_of, "rmst_ratio": ratio_of}
    of = [*OF_CURVE[:-1], "reference", "contrast"]
    few = {(study_id, endpoint) for study_id, endpoint, _ in exact.few()}
    for key, group in _of(released, of):
        *curve, reference, kind = key
        mine = means[(means[OF_CURVE[:-1]] == curve).all(axis=1)]
        levels = [reference, *group["level"]]
        mine = mine[mine["stratum"].isin(levels)].dropna(subset=["rmst"])
        if kind not in estimators or (key[0], key[1]) in few:
            continue
        if reference not in set(mine["stratum"]):
            continue
        found = estimators[kind](mine, "rmst", by="stratum", reference=reference)
        found = found.rename(columns={"difference": "estimate", "ratio": "estimate"})
        at = found.set_index(["stratum", "horizon"])[columns]
        wanted = list(zip(group["level"], group["horizon_days"], strict=True))
        released.loc[group.index, columns] = at.reindex(wanted).to_numpy()
    return released


def near_the_stratum(rows: pd.DataFrame, exact: StudyCounts) -> pd.Series:
    """Whether n differs from the size of the stratum by few people, whom it would tell."""
    keys = zip(rows["study_id"], rows["stratum"], strict=True)
    sizes = [exact.stratum_size(*key) for key in keys]
    found = [
        size is not None and exact.differs_little(float(n), size)
        for n, size in zip(rows["n"], sizes, strict=True)
    ]
    return pd.Series(found, index=rows.index, dtype=bool)


def _curves(rows: pd.DataFrame, exact: StudyCounts, keys: list[str]) -> pd.DataFrame:
    from analyses.survival import kaplan_meier_from_counts

    shown = []
    for key, group in _of(rows, keys):
        counts = _grouped(group.rename(columns={"time_days": "time"}), key, exact)
        if counts is None or counts.steps.empty:
            continue
        found = kaplan_meier_from_counts(counts.table, conf_type=exact.conf_type(key[0]))
        estimates = found[["time", "survival", *_LIMITS]]
        shown.append(_labelled(counts.steps.merge(estimates, on="time"), keys, key))
    return _together(shown, rows)


def _grouped(
    curve: pd.DataFrame | None, key: tuple[Any, ...], exact: StudyCounts
) -> GroupedCounts | None:
    """The grouped counts of one exact curve; None for one of fewer than k people."""
    if curve is None or curve["n_at_risk"].max() < exact.k or not _countable(key):
        return None
    return grouped_counts(curve, exact.k, start=_start(curve, key, exact))


def _countable(key: tuple[Any, ...]) -> bool:
    """Whether a curve is of people counted once each: a weighted one is not made of its counts."""
    return bool(key[3] == "none")


def _start(curve: pd.DataFrame, key: tuple[Any, ...], exact: StudyCounts) -> int | None:
    """People at the start, where that is the shown size of the stratum."""
    study_id, stratum = key[0], key[-1]
    size = exact.stratum_size(study_id, stratum)
    known = stratum != "overall" or study_id not in {study for study, _ in exact.small_strata()}
    first = int(curve.loc[curve["time"].idxmin(), "n_at_risk"])
    return first if known and size == first and exact.rounding is None else None


def _exact_curves(exact: StudyCounts) -> dict[tuple[Any, ...], pd.DataFrame]:
    rows = exact.tables["survival_curve"].rename(columns={"time_days": "time"})
    return {key: group.sort_values("time") for key, group in _of(rows, OF_CURVE)}


def _summary(
    row: Any, curve: pd.DataFrame, counts: GroupedCounts, exact: StudyCounts
) -> list[float]:
    """value, std_error, ci_lower, ci_upper of one row of survival_summary."""
    from analyses import survival

    unknown = [np.nan] * 4
    conf_type = exact.conf_type(row.study_id)
    if row.statistic in ("median", "follow_up_median"):
        if counts.table.empty:
            return unknown
        found = survival.median_from_counts(counts.table, conf_type=conf_type).iloc[0]
        days = np.round(found[["median", "ci_lower", "ci_upper"]].to_numpy(dtype=float))
        return [days[0], np.nan, days[1], days[2]]
    day = float(row.horizon_days)
    happened = curve.loc[curve["time"] <= day, "n_event"].sum()
    told = counts.steps.loc[counts.steps["time"] <= day, "n_event"].sum()
    beyond = day > counts.known_until and happened != told
    if pd.isna(row.value) or beyond:
        return unknown
    if happened == 0:
        # Nobody had the event: 1, or the days up to the horizon.
        return [row.value, row.std_error, row.ci_lower, row.ci_upper]
    # Somebody is followed to the horizon, or nobody is left: both are known of the exact curve.
    end = pd.DataFrame({"time": [max(day, counts.known_until) + 1], "n_at_risk": 0, "n_event": 0})
    table = pd.concat([counts.table, end.assign(n_censored=0)], ignore_index=True)
    if row.statistic == "rmst":
        at = survival.restricted_mean_from_counts(table, horizon=day)
        return list(at[["rmst", *_LIMITS]].iloc[0])
    at = survival.survival_at(survival.kaplan_meier_from_counts(table, conf_type=conf_type), day)
    return list(at[["survival", *_LIMITS]].iloc[0])


def _of(rows: pd.DataFrame, keys: list[Any]) -> list[tuple[tuple[Any, ...], pd.DataFrame]]:
    """Groups of rows by keys, in their order; a missing key is one of its own."""
    return list(rows.groupby(keys, sort=False, dropna=False))


def _labelled(steps: pd.DataFrame, keys: list[str], key: tuple[Any, ...]) -> pd.DataFrame:
    named = steps.rename(columns={"time": "time_days"})
    return named.assign(**dict(zip(keys, key, strict=True)))


def _together(parts: list[pd.DataFrame], rows: pd.DataFrame) -> pd.DataFrame:
    """The shown rows with the columns of the exact ones, in the order of those."""
    if not parts:
        return rows.iloc[:0]
    return pd.concat(parts, ignore_index=True).reindex(columns=rows.columns)
