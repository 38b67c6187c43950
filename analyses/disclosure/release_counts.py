"""Attrition, baseline, completion and diagnostics as they may be shown.

Belongs here: tables that are mostly counts. Does not belong here: estimates
(release_estimates.py), rules on counts (counts.py).
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from analyses.disclosure.counts import Relation, is_small, withheld
from analyses.disclosure.study_counts import StudyCounts

_NUMERIC = ("mean", "sd", "median", "q1", "q3")
# Diagnostics whose value is a number of people, forms or events.
COUNTED = (
    "number_at_risk",
    "incomplete_covariates",
    "later_treatments",
    "undated_covariate",
    "negative_duration",
    "registered_after_event",
    "event_before_registration",
    "too_few_events",
    "imputed_event_dates",
    "events_on_day_0",
    "cure_fraction_plateau",
    "landmark_at_risk",
)


def attrition(rows: pd.DataFrame, k: int, *, hide_size: bool = False) -> pd.DataFrame:
    """One study's attrition: small exclusions withheld, with the numbers that would tell them.

    Between two shown n_remaining lies either no small exclusion, or several exclusions of k people
    or more together, withheld. The last n_remaining is the size of the study: with `hide_size` it
    is withheld, with an exclusion before it, since the strata would tell a small one by it.
    """
    shown = rows.sort_values("step").reset_index(drop=True)
    excluded = shown["n_excluded"].astype("float64").fillna(0).to_numpy()
    remaining = shown["n_remaining"].astype("float64").fillna(0).to_numpy()
    if len(shown) == 0 or is_small(remaining[-1], k):
        return shown.assign(n_remaining=pd.NA, n_excluded=pd.NA)
    hide_excluded = np.zeros(len(shown), dtype=bool)
    hide_remaining = np.zeros(len(shown), dtype=bool)
    hide_remaining[-1] = hide_size
    run: list[int] = []
    for step in range(len(shown) - 1, 0, -1):
        run.append(step)
        of_size = hide_remaining[-1] and run[0] == len(shown) - 1
        small = of_size or any(is_small(excluded[place], k) for place in run)
        filled = [place for place in run if excluded[place] > 0]
        told = small and (len(filled) < 2 - of_size or excluded[run].sum() < k)
        hide_excluded[filled] |= small
        hide_remaining[step - 1] = told
        if not told:
            run = []
    return shown.assign(
        n_remaining=shown["n_remaining"].mask(hide_remaining),
        n_excluded=shown["n_excluded"].mask(hide_excluded),
    )


def baseline(rows: pd.DataFrame, k: int) -> pd.DataFrame:
    """One study's baseline: small cells withheld along levels and strata, with their estimates.

    A stratum of fewer than k people is withheld as a whole, and `overall` with it: the difference
    from the other strata would be that stratum. A standardised mean difference goes with any cell
    of its variable, from which it is made and which it would give back.
    """
    shown = rows.reset_index(drop=True)
    sizes = shown[shown["variable"] == "patients"].set_index("stratum")["value"]
    gone = {str(stratum) for stratum, size in sizes.items() if is_small(size, k)}
    gone |= {"overall"} if gone else set()
    counts = shown[shown["statistic"].isin(["n", "missing"]) & ~shown["stratum"].isin(gone)]
    place = {
        (row.stratum, row.variable, row.level, row.statistic): position
        for position, row in enumerate(counts.itertuples())
    }
    values = counts["value"].fillna(0).to_numpy(dtype=np.float64)
    hidden = withheld(values, [*_along_levels(place), *_along_strata(place)], k)
    secret = {key for key, position in place.items() if hidden[position]}
    keys = zip(shown["stratum"], shown["variable"], shown["level"], shown["statistic"], strict=True)
    known = {key[:3]: values[position] for key, position in place.items() if key[3] == "n"}
    in_gone = shown["stratum"].isin(gone)
    hide = in_gone | np.array([_is_secret(key, secret, known, k) for key in keys], dtype=bool)
    told = in_gone | shown["variable"].isin(set(shown.loc[hide & ~in_gone, "variable"]))
    # One without any difference may be the reference, against which the others are set.
    differences = shown[in_gone & (shown["stratum"] != "overall")].groupby("stratum")["smd"]
    told |= bool((differences.count() == 0).any())
    return shown.assign(value=shown["value"].mask(hide), smd=shown["smd"].mask(told))


def balance(rows: pd.DataFrame, exact: StudyCounts) -> pd.DataFrame:
    """Balance of the variables of which the baseline withholds no cell, in any group."""
    known: set[tuple[str, str]] = set()
    for study_id, study in exact.tables["baseline"].groupby("study_id", sort=False):
        shown = baseline(study, exact.k)
        gone = shown["value"].isna() & study["value"].notna().to_numpy()
        hidden = set(shown.loc[gone, "variable"])
        known |= {(str(study_id), variable) for variable in set(shown["variable"]) - hidden}
    pairs = zip(rows["study_id"], rows["variable"], strict=True)
    hide = pd.Series([pair not in known for pair in pairs], index=rows.index, dtype=bool)
    return rows.assign(**{name: rows[name].mask(hide) for name in ("smd_before", "smd_after")})


_Key = tuple[str, str, str | None, str]


def _is_secret(
    key: _Key, secret: set[_Key], known: dict[tuple[str, str, str | None], float], k: int
) -> bool:
    stratum, variable, level, statistic = key
    if statistic == "percent":
        return (stratum, variable, level, "n") in secret
    if statistic in _NUMERIC:
        # The mean of all and the means of the strata would tell how many are behind each.
        told = stratum == "overall" and any(key[1:] == (variable, level, "n") for key in secret)
        return told or known.get((stratum, variable, level), 0.0) < k
    return key in secret


def _along_levels(place: dict[_Key, int]) -> list[Relation]:
    """Within a stratum the levels of a variable and its missing add up to the patients."""
    parts: dict[tuple[str, str], list[int]] = {}
    for (stratum, variable, _, _), position in place.items():
        if variable != "patients":
            parts.setdefault((stratum, variable), []).append(position)
    return [
        Relation(tuple(cells), place.get((stratum, "patients", None, "n")))
        for (stratum, _), cells in parts.items()
    ]


def _along_strata(place: dict[_Key, int]) -> list[Relation]:
    """The strata of a cell add up to the same cell of `overall`."""
    parts: dict[tuple[str, str | None, str], list[int]] = {}
    for (stratum, *cell), position in place.items():
        if stratum != "overall" and ("overall", *cell) in place:
            variable, level, statistic = cell
            parts.setdefault((str(variable), level, str(statistic)), []).append(position)
    return [Relation(tuple(cells), place.get(("overall", *cell))) for cell, cells in parts.items()]


def completion(rows: pd.DataFrame, k: int) -> pd.DataFrame:
    """One study's completion: each visit's completed and missing add up, in both denominators."""
    shown = rows.reset_index(drop=True)
    for _, visit in shown.groupby(["instrument", "stratum", "visit"], sort=False):
        whole = visit[visit["reason"].isna()]
        if whole.empty:
            continue
        at = [*visit.index]
        cells = shown.loc[at, ["n_fixed", "n_expected", "n_completed"]].astype("float64").fillna(0)
        # Flattened: n_fixed, n_expected, n_completed of the visit, then of each reason.
        values = cells.to_numpy().ravel()
        first = at.index(whole.index[0]) * 3
        others = [place * 3 for place in range(len(at)) if place * 3 != first]
        completed = first + 2
        relations = [
            Relation((completed, *others), first),
            Relation((completed, *(place + 1 for place in others)), first + 1),
        ]
        hidden = withheld(values, relations, k).reshape(-1, 3)
        for column, mask in zip(cells.columns, hidden.T, strict=True):
            shown.loc[[row for row, hide in zip(at, mask, strict=True) if hide], column] = pd.NA
    return shown


def diagnostic(rows: pd.DataFrame, exact: StudyCounts) -> pd.DataFrame:
    """Diagnostics without small numbers, one person's times, or the words of a failed analysis."""
    shown = rows.reset_index(drop=True)
    name = shown["diagnostic"].str.split(": ").str[0]
    few = {(study_id, endpoint) for study_id, endpoint, _ in exact.few()} | exact.few_censored()
    of_few = pd.Series(
        [pair in few for pair in zip(shown["study_id"], shown["endpoint"], strict=True)],
        index=shown.index,
        dtype=bool,
    )
    counted = name.isin(COUNTED) | name.str.startswith("forms_") | name.str.startswith("utilities_")
    # With the people of a model, those it left out are the size of the study.
    studies = {study_id for study_id, _ in exact.small_strata()}
    # Of models of a later state they are those still at risk without a covariate.
    of_states = shown["diagnostic"].str.contains("landmark|time_dependent")
    size = (name == "incomplete_covariates") & (shown["study_id"].isin(studies) | of_states)
    small = counted & shown["value"].between(0, exact.k, inclusive="neither")
    # Such a time is one person's; a share of the dead of a known number tells theirs.
    single = name.isin(["horizon_beyond_data", "follow_up_maturity", "mortality_by_last_visit"])
    told = name.isin(["events_per_term", "too_few_events"]) & of_few
    failed = name == "analysis_failed"
    # The centre that a result hangs on is named to those entitled to the data.
    unnamed = shown["diagnostic"].str.replace(r", without centre .*$", "", regex=True)
    shown = shown.assign(diagnostic=shown["diagnostic"].mask(name == "influential_centre", unnamed))
    method = shown["diagnostic"].str.split(": ").str[:2].str.join(": ")
    # Events and risk sets in whole steps, as the curves have them; of one term its events are all.
    grouped = name.isin(["number_at_risk", "too_few_events", "landmark_at_risk", "events_per_term"])
    nearest = (shown["value"] / exact.k + 0.5) // 1 * exact.k
    value = shown["value"].mask(counted, nearest)
    value = value.mask(grouped, shown["value"] // exact.k * exact.k)
    return shown.assign(
        value=value.mask(small | single | told | size),
        threshold=shown["threshold"].mask(name == "incomplete_covariates"),
        diagnostic=shown["diagnostic"].mask(failed, method),
    )
