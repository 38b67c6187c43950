"""``atmp-rwe figure``: a figure of the current release as a file for a paper."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from typing import Any

import pandas as pd

from orchestration import manifest
from orchestration.commands import quality_of_life_figure, query
from orchestration.commands.query import QueryError
from orchestration.settings import Settings

_TABLE = {
    "survival": "survival_curve",
    "log_log": "survival_curve",
    "incidence": "cumulative_incidence",
    "incidence_stacked": "cumulative_incidence",
    "states": "state_probability",
    "extrapolation": "parametric_curve",
    "hazard": "smoothed_hazard",
    "mean_count": "mean_cumulative_count",
    **quality_of_life_figure.TABLES,
    "forest": "hazard_ratio",
    "subgroups": "subgroup",
}
_HAPPENED = """
select distinct k.patient_id as id, v.event_type as event,
    date_diff('day', k.start_date, v.event_date) as time_days
from study_patient as k
inner join marts.clinical_event as v on k.source = v.source and k.patient_id = v.patient_id
where v.event_date between k.start_date and k.end_of_follow_up
    and v.category in ('disease', 'toxicity', 'treatment')
order by all
"""


def run(settings: Settings, options: argparse.Namespace) -> int:
    from analyses.figures import FORMATS, export

    kind = options.to.suffix.lower().removeprefix(".")
    if kind not in FORMATS:
        endings = ", ".join(f".{one}" for one in FORMATS)
        raise QueryError(f"{options.to.name}: end the name in one of {endings}")
    con = query.connect(settings)
    try:
        if options.kind == "swimmer":
            _refuse_people(settings, explicit=options.patient_level)
            picture = export(_swimmer(con, settings, options.study), kind)
        else:
            # A tick is a day on which somebody left: not for those who may not see people.
            ticks = (manifest.current(settings.release) or {}).get("profile") == "internal"
            early = _ends_early(settings, options.study)
            picture = export(_aggregate(con, options, ends_early=early, ticks=ticks), kind)
    finally:
        con.close()
    options.to.write_bytes(picture)
    print(options.to)
    return 0


def _refuse_people(settings: Settings, *, explicit: bool) -> None:
    about = manifest.current(settings.release) or {}
    if about.get("profile") != "internal":
        raise QueryError("This release is public: it has no rows of people, and no swimmer plot.")
    if not explicit:
        raise QueryError(
            "A swimmer plot shows single people. Add --patient-level if you may use and keep such "
            "a picture."
        )


def _ends_early(settings: Settings, study_id: str) -> bool:
    """Whether the study ends its curves where people are still at risk."""
    from orchestration import study_files

    study = next((f.study for f in study_files.load(settings) if f.study.id == study_id), None)
    return study is not None and study.min_at_risk is not None


def _aggregate(con: Any, options: argparse.Namespace, *, ends_early: bool, ticks: bool) -> Any:
    from dataclasses import replace

    from analyses import figures
    from analyses.report import labels

    if options.kind == "forest":
        return _forest(con, options)
    rows = _rows(con, options, _TABLE[options.kind])
    if options.kind in quality_of_life_figure.TABLES:
        return quality_of_life_figure.drawing(options.kind, rows, options.endpoint)
    if options.kind == "subgroups":
        from analyses.report.forests import draw_subgroups

        return lambda: draw_subgroups(rows)
    look = replace(_look(rows, options), truncated=ends_early, censor_ticks=ticks)
    kind = options.kind
    if kind == "survival":
        medians = _medians(_rows(con, options, "survival_summary", needed=False))
        title = f"{labels.endpoint(rows['endpoint'].iloc[0])} (%)"
        bands = _rows(con, options, "survival_band", needed=False)
        return lambda: figures.draw_survival(
            rows, medians=medians, bands=bands if len(bands) else None, y_label=title, look=look
        )
    if kind == "incidence":
        by_cause = str(rows["endpoint"].iloc[0]) in set(rows["cause"])
        panels: Any = "cause" if by_cause else "stratum"
        return lambda: figures.draw_incidence(
            rows, panels=panels, causes=_own_first(rows), look=look
        )
    if kind == "incidence_stacked":
        return lambda: figures.draw_stacked_incidence(rows, causes=_own_first(rows), look=look)
    if kind == "extrapolation":
        seen = _rows(con, options, "survival_curve", needed=False)
        return lambda: figures.draw_extrapolation(rows, seen, look=look)
    if kind == "hazard":
        fitted = _rows(con, options, "parametric_curve", needed=False)
        return lambda: figures.draw_hazard(rows, fitted, look=look)
    draw: Any = {
        "log_log": figures.draw_log_log,
        "states": figures.draw_states,
        "mean_count": figures.draw_mean_count,
    }[kind]
    # Of one endpoint, which the figure names: a picture travels without its caption.
    named = kind in ("log_log", "incidence_stacked")
    called = {"title": labels.endpoint(rows["endpoint"].iloc[0])} if named else {}
    return lambda: draw(rows, look=look, **called)


def _own_first(rows: pd.DataFrame) -> list[str]:
    """The causes of an endpoint, its own event before the others."""
    own = str(rows["endpoint"].iloc[0])
    return sorted((str(c) for c in rows["cause"].dropna().unique()), key=lambda c: (c != own, c))


def _forest(con: Any, options: argparse.Namespace) -> Any:
    """The groups' hazard ratios, of all endpoints unless one is asked for."""
    from analyses.report.forests import draw_ratios, shown_ratios

    one = options.endpoint
    rows = _rows(con, options, "hazard_ratio", every_endpoint=one is None)
    diagnostics = _rows(con, options, "diagnostic", needed=False, every_endpoint=True)
    # The unadjusted models have the groups alone.
    terms = rows.loc[rows["model"].str.contains("unadjusted"), "term"].astype(str)
    stratify_by = terms.iloc[0].partition("=")[0] if len(terms) else ""
    shown = shown_ratios(rows, diagnostics)
    if not stratify_by or draw_ratios(shown, stratify_by) is None:
        raise QueryError("There are no hazard ratios of groups to draw, or none that may be shown.")
    return lambda: draw_ratios(shown, stratify_by)


def _rows(
    con: Any,
    options: argparse.Namespace,
    table: str,
    *,
    needed: bool = True,
    every_endpoint: bool = False,
) -> pd.DataFrame:
    """The study's rows of a table, of the endpoint asked for or the first one."""
    exists = con.execute(
        "select count(*) from duckdb_tables() where schema_name = 'results' and table_name = ?",
        [table],
    ).fetchall()[0][0]
    if not exists:
        raise QueryError(f"This release has no table results.{table}: it was made before.")
    rows: pd.DataFrame = con.execute(
        f'select * from results."{table}" where study_id = ?', [options.study]
    ).df()
    if "endpoint" in rows.columns and len(rows) and not every_endpoint:
        wanted = options.endpoint or str(rows["endpoint"].iloc[0])
        known = ", ".join(sorted(rows["endpoint"].unique()))
        rows = rows[rows["endpoint"] == wanted]
        if needed and rows.empty:
            raise QueryError(f"results.{table} has no endpoint {wanted} of it; it has: {known}.")
        options.endpoint = wanted
    if "adjustment" in rows.columns and len(rows):
        rows = rows[rows["adjustment"] == rows["adjustment"].iloc[0]]
    if needed and rows.empty:
        raise QueryError(_nothing(con, options, table))
    return rows.reset_index(drop=True)


_STUDIES = "select distinct study_id from results.attrition order by 1"


def _nothing(con: Any, options: argparse.Namespace, table: str) -> str:
    """Why there is nothing to draw: the study is not there, or other tables have its rows."""
    studies = [one for (one,) in con.execute(_STUDIES).fetchall()]
    nothing = f"results.{table} has no rows of the study {options.study}"
    if options.study not in studies:
        return f"{nothing}; studies of this release: {', '.join(studies) or 'none'}."
    drawn: list[str] = []
    for kind, other in _TABLE.items():
        columns = [column for column, *_ in con.execute(_COLUMNS, [other]).fetchall()]
        if "study_id" not in columns:
            continue
        of = "endpoint" if "endpoint" in columns else "NULL"
        found = con.execute(
            f'select distinct {of} from results."{other}" where study_id = ? order by 1',
            [options.study],
        ).fetchall()
        endpoints = ", ".join(str(name) for (name,) in found if name is not None)
        if found:
            drawn.append(f"{kind} ({endpoints})" if endpoints else kind)
    return f"{nothing}; figures it has rows for: {'; '.join(drawn) or 'none'}."


_COLUMNS = """
select column_name from duckdb_columns() where schema_name = 'results' and table_name = ?
"""


def _look(rows: pd.DataFrame, options: argparse.Namespace) -> Any:
    from analyses.figures import Look
    from analyses.report import labels
    from analyses.report.extrapolation import family_name
    from analyses.report.safety import event_name

    names: dict[str, str] = {"none": "None of these"}
    for column, name in (
        ("stratum", labels.words),
        ("state", labels.words),
        ("event_type", event_name),
        ("family", family_name),
    ):
        if column in rows.columns:
            names |= {str(code): name(str(code)) for code in rows[column].dropna().unique()}
    if "cause" in rows.columns:
        of = str(rows["endpoint"].iloc[0])
        names |= {str(c): labels.cause(c, of) for c in rows["cause"].dropna().unique()}
    if options.kind == "hazard":
        from analyses.extrapolation import FAMILIES

        names |= {family: family_name(family) for family in FAMILIES}
    origin = labels.origin(rows["analysis_set"].iloc[0], str(options.endpoint or ""))
    return Look(names=names, origin=origin)


def _medians(summary: pd.DataFrame) -> Mapping[str, tuple[Any, Any, Any]]:
    found = summary[summary["statistic"] == "median"] if len(summary) else summary
    medians: dict[str, tuple[Any, Any, Any]] = {}
    for row in found.itertuples():
        values = [None if pd.isna(v) else float(v) for v in (row.value, row.ci_lower, row.ci_upper)]
        medians[str(row.stratum)] = (values[0], values[1], values[2])
    return medians


def _swimmer(con: Any, settings: Settings, study_id: str) -> Any:
    """The people of a study, selected anew from the marts of the release."""
    from analyses.cohort import build_cohort
    from analyses.figures import Look, swimmer_figure
    from analyses.report import labels
    from orchestration import study_files

    study = next((f.study for f in study_files.load(settings) if f.study.id == study_id), None)
    if study is None:
        raise QueryError(f"There is no study file of {study_id} any more.")
    cohort = build_cohort(study, con).patients
    events = con.execute(_HAPPENED).df()
    start, end = (pd.to_datetime(cohort[c]) for c in ("start_date", "end_of_follow_up"))
    people = pd.DataFrame(
        {
            "id": cohort["patient_id"],
            "stratum": cohort["stratum"],
            "time_days": (end - start).dt.days,
            "died": cohort["death_date"].notna(),
        }
    )
    codes = [*people["stratum"].unique(), *events["event"].unique()]
    look = Look(
        names={str(code): labels.words(code) for code in codes},
        origin=labels.origin(study.analysis_set),
    )
    return lambda: swimmer_figure(people, events, look=look)
