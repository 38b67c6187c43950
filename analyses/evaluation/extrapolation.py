"""Parametric models of an endpoint: fits, their curves and means, the hazard they are held against.

Belongs here: which models a study gets, as rows of results, and their diagnostics. Does not belong
here: the models (analyses.extrapolation), the population's rates (analyses.reference_rates).
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd

from analyses.cohort import MISSING, Cohort
from analyses.evaluation.cure_evidence import look_at_cure
from analyses.evaluation.design_matrix import build_design
from analyses.evaluation.findings import EVENTS_FEWEST, Findings
from analyses.evaluation.outcome import Outcome, read_rows
from analyses.extrapolation import (
    ParametricFit,
    extrapolated_mean,
    fit_parametric,
    predict,
    smoothed_hazard,
)
from analyses.reference_rates import People, RateTable, expected_survival, hazard_at, read_rates
from analyses.reference_rates.expected import DAYS_PER_YEAR
from analyses.studies import Study
from analyses.studies.extrapolation import Extrapolation
from analyses.survival.arrays import Floats

# Days are whole: an event on the day of the start happened within it.
DAY_0 = 0.5
_POINTS = 151


@dataclass(frozen=True)
class _Group:
    """The rows of a stratum, and what the population would lead to expect of them."""

    stratum: str
    rows: pd.DataFrame
    rates: RateTable | None
    people: People | None

    def expected(self, days: Floats) -> Floats:
        if self.rates is None or self.people is None:
            return np.ones_like(days)
        return expected_survival(self.rates, self.people, days)

    def expected_hazard(self, days: Floats) -> Floats:
        """Per day, of those of the population still alive."""
        if self.rates is None:
            return np.zeros_like(days)
        return np.asarray(np.log(self.expected(days)) - np.log(self.expected(days + 1.0)))


def extrapolation_tables(
    study: Study,
    cohort: Cohort,
    outcome: Outcome,
    con: duckdb.DuckDBPyConnection,
    findings: Findings,
) -> dict[str, list[pd.DataFrame]]:
    """The frames of the four tables of extrapolation for one endpoint; none when not asked."""
    wanted = study.extrapolation
    endpoint = outcome.endpoint
    if wanted is None or endpoint.has_competing:
        return {}
    if wanted.endpoints is not None and endpoint.id not in wanted.endpoints:
        return {}
    rows = _rows(cohort, con, outcome, findings)
    rates = None if wanted.life_table is None else read_rates(Path(wanted.life_table))
    if rates is not None:
        rows = _with_background(rows, rates, outcome, findings)
    tables: dict[str, list[pd.DataFrame]] = defaultdict(list)
    for stratum in (level for level in cohort.levels if level != MISSING):
        of = rows[rows["stratum"] == stratum]
        if int(of["event"].sum()) < EVENTS_FEWEST:
            findings.add(
                "too_few_events",
                "warn",
                about=f"extrapolation, stratum {stratum}",
                endpoint=endpoint.id,
                value=int(of["event"].sum()),
                threshold=EVENTS_FEWEST,
            )
            continue
        people = None
        if rates is not None:
            people = People.of(of["sex"], of["age_years"], of["start_date"])
        group = _Group(stratum, of, rates, people)
        with findings.guard(f"smoothed_hazard, stratum {stratum}", endpoint.id):
            tables["smoothed_hazard"].append(_smoothed(group))
        for family in wanted.families:
            with findings.guard(f"{family}, stratum {stratum}", endpoint.id):
                _fit_one(wanted, family, group, outcome, findings, tables)
    if wanted.adjusted:
        _adjusted(study, cohort, wanted, rows, outcome, findings, tables)
    return tables


def _rows(
    cohort: Cohort, con: duckdb.DuckDBPyConnection, outcome: Outcome, findings: Findings
) -> pd.DataFrame:
    described = cohort.patients.drop(columns="stratum")
    rows = read_rows(con).merge(described, on="patient_id", how="left", validate="one_to_one")
    first_day = (rows["time"] <= 0) & (rows["event"] == 1)
    if first_day.any():
        findings.add(
            "events_on_day_0",
            "warn",
            about=f"counted at day {DAY_0:g} by parametric models",
            endpoint=outcome.endpoint.id,
            value=int(first_day.sum()),
            threshold=0,
        )
        rows.loc[first_day, "time"] = DAY_0
    return rows


def _with_background(
    rows: pd.DataFrame, rates: RateTable, outcome: Outcome, findings: Findings
) -> pd.DataFrame:
    """The rows with the population's hazard at their end; who has no age is left out."""
    known = rows["age_years"].notna()
    if not known.all():
        findings.add(
            "incomplete_covariates",
            "warn",
            about="no age, so no expected mortality: left out of parametric models",
            endpoint=outcome.endpoint.id,
            value=int((~known).sum()),
            threshold=0,
        )
    rows = rows[known].reset_index(drop=True)
    people = People.of(rows["sex"], rows["age_years"], rows["start_date"])
    return rows.assign(background=hazard_at(rates, people, rows["time"].to_numpy(np.float64)))


def _fit_one(
    wanted: Extrapolation,
    family: str,
    group: _Group,
    outcome: Outcome,
    findings: Findings,
    tables: dict[str, list[pd.DataFrame]],
) -> None:
    fit = fit_parametric(
        group.rows,
        family,
        entry="entry" if outcome.delayed else None,
        background=None if group.rates is None else "background",
    )
    tables["parametric_model"].append(_model(fit, group.stratum, "per_stratum"))
    look_at_cure(fit, group.stratum, group.rows, outcome, findings)
    if not fit.converged:
        _say_unconverged(fit, f"stratum {group.stratum}", outcome, findings)
        return
    tables["parametric_curve"].append(_curve(fit, group, wanted.horizon_years))
    tables["extrapolated_mean"].append(_mean(fit, group, wanted.horizon_years))


def _say_unconverged(fit: ParametricFit, about: str, outcome: Outcome, findings: Findings) -> None:
    findings.add(
        "model_not_converged",
        "warn",
        about=f"{fit.family.name}, {about}: {fit.problem}",
        endpoint=outcome.endpoint.id,
    )


def _model(fit: ParametricFit, stratum: str, model: str) -> pd.DataFrame:
    rows = fit.estimates().drop(columns="p_value")
    if not fit.converged:
        rows[["estimate", "std_error", "ci_lower", "ci_upper"]] = np.nan
    return rows.assign(
        stratum=stratum,
        family=fit.family.name,
        model=model,
        background="life_table" if fit.relative else "none",
        n=fit.n,
        n_event=fit.n_event,
        log_likelihood=fit.log_likelihood if fit.converged else np.nan,
        aic=fit.aic if fit.converged else np.nan,
        bic=fit.bic if fit.converged else np.nan,
        converged=fit.converged,
    )


def _curve(fit: ParametricFit, group: _Group, horizon_years: float) -> pd.DataFrame:
    horizon = horizon_years * DAYS_PER_YEAR
    # Denser where the data are; a grid of the last observed time would tell one person's.
    times = horizon * np.linspace(0.0, 1.0, _POINTS) ** 2
    # At time 0 a hazard may be infinite: it is left out of the picture by half a day.
    found = predict(fit, times)
    hazards = predict(fit, np.maximum(times, DAY_0))
    expected = group.expected(times)
    added = group.expected_hazard(np.maximum(times, DAY_0))
    frame = pd.DataFrame({"time_days": times, "stratum": group.stratum, "family": fit.family.name})
    for name in ("survival", "ci_lower", "ci_upper"):
        frame[name] = found[name].to_numpy() * expected
    for name, source in (
        ("hazard_per_year", "hazard"),
        ("hazard_ci_lower", "hazard_ci_lower"),
        ("hazard_ci_upper", "hazard_ci_upper"),
    ):
        frame[name] = (hazards[source].to_numpy() + added) * DAYS_PER_YEAR
    return frame.assign(extrapolated=times > fit.last_time)


def _mean(fit: ParametricFit, group: _Group, horizon_years: float) -> pd.DataFrame:
    horizon = horizon_years * DAYS_PER_YEAR
    expected = None if group.rates is None else group.expected
    mean = extrapolated_mean(fit, horizon, expected=expected)
    seen = mean
    if fit.last_time < horizon:
        seen = extrapolated_mean(fit, fit.last_time, expected=expected, draws=2)
    row = {
        "stratum": group.stratum,
        "family": fit.family.name,
        "horizon_years": horizon_years,
        "mean_years": mean.mean / DAYS_PER_YEAR,
        "std_error": mean.std_error / DAYS_PER_YEAR,
        "ci_lower": mean.ci_lower / DAYS_PER_YEAR,
        "ci_upper": mean.ci_upper / DAYS_PER_YEAR,
        "share_beyond_data": 1.0 - seen.mean / mean.mean,
    }
    return pd.DataFrame([row])


def _smoothed(group: _Group) -> pd.DataFrame:
    found = smoothed_hazard(group.rows, entry="entry")
    scaled = {name: found[name] * DAYS_PER_YEAR for name in ("std_error", "ci_lower", "ci_upper")}
    return found.assign(
        stratum=group.stratum,
        time_days=found["time"],
        hazard_per_year=found["hazard"] * DAYS_PER_YEAR,
        bandwidth_days=found["bandwidth"],
        **scaled,
    ).drop(columns=["time", "hazard", "bandwidth"])


def _adjusted(
    study: Study,
    cohort: Cohort,
    wanted: Extrapolation,
    rows: pd.DataFrame,
    outcome: Outcome,
    findings: Findings,
    tables: dict[str, list[pd.DataFrame]],
) -> None:
    """One model of all groups, the groups and `adjust_for` being covariates."""
    design = build_design(study, cohort, rows, adjusted=True)
    if not design.variables:
        findings.add("nothing_to_adjust_for", "warn", endpoint=outcome.endpoint.id)
        return
    frame = design.frame.copy()
    complete = rows[design.complete]
    frame["event"] = complete["event"].to_numpy()
    for name, reference in design.references.items():
        levels = [reference, *(one for one in sorted(frame[name].unique()) if one != reference)]
        frame[name] = pd.Categorical(frame[name], categories=levels)
    if "background" in rows:
        frame["background"] = complete["background"].to_numpy()
    for family in wanted.families:
        with findings.guard(f"{family}, adjusted", outcome.endpoint.id):
            fit = fit_parametric(
                frame,
                family,
                entry="entry" if outcome.delayed else None,
                background="background" if "background" in frame else None,
                covariates=design.variables,
            )
            tables["parametric_model"].append(_model(fit, "overall", "adjusted"))
            if not fit.converged:
                _say_unconverged(fit, "adjusted", outcome, findings)
