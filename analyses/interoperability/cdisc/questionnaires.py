"""ADQS: one row per subject, scale, respondent and visit.

Belongs here: how scores at visits read in ADaM. Does not belong here: scoring and windows
(analyses.quality_of_life), which decide which form counts at a visit.
"""

from __future__ import annotations

import duckdb
import pandas as pd

from analyses.cohort import Cohort
from analyses.evaluation.quality_of_life import questionnaires
from analyses.interoperability.cdisc.parameters import scale_codes
from analyses.quality_of_life import find_instrument
from analyses.quality_of_life.at_visits import AtVisits
from analyses.quality_of_life.evaluation import instrument_at_visits
from analyses.quality_of_life.inputs import people_of
from analyses.quality_of_life.visits import Visit
from analyses.studies import Study

_SERIES = ["USUBJID", "PARAMCD", "QSRESP"]
_COLUMNS = ("PARAMCD", "PARAM", "PARAMN", "PARCAT1", "QSRESP", "AVISIT", "AVISITN", "ADT", "ADY")
_VALUES = ("AVAL", "BASE", "CHG", "ABLFL", "ANL01FL")


def scores(
    study: Study, cohort: Cohort, subjects: pd.DataFrame, con: duckdb.DuckDBPyConnection
) -> pd.DataFrame:
    """ADQS by USUBJID, PARAMCD, QSRESP and AVISITN; no row when the study asks for no scale.

    AVISIT is the visit of the study's windows; BASE the score of the visit `baseline`. ADY counts
    as ADaM does: the index date is day 1 and the day before it day -1.
    """
    quality_of_life = study.quality_of_life
    identifiers = ("STUDYID", "USUBJID", "TRTP", "TRTA", "STRAT1")
    if quality_of_life is None or cohort.patients.empty:
        return pd.DataFrame(columns=[*identifiers, *_COLUMNS, *_VALUES])
    who, forms, values = questionnaires(cohort, con)
    people = people_of(who)
    visits = quality_of_life.planned
    parts = [
        _of_instrument(
            instrument_at_visits(find_instrument(name), people, forms, values, visits=visits),
            people,
            visits,
        )
        for name in quality_of_life.instruments
    ]
    every = pd.concat(parts, ignore_index=True)
    columns = ["patient_id", "STUDYID", "USUBJID", "TRT01P", "TRT01A", "STRAT1"]
    whole = every.merge(subjects[columns], on="patient_id", validate="m:1")
    whole = whole.rename(columns={"TRT01P": "TRTP", "TRT01A": "TRTA"})
    return _with_baseline(whole).sort_values([*_SERIES, "AVISITN"], ignore_index=True)


def _of_instrument(one: AtVisits, people: pd.DataFrame, visits: tuple[Visit, ...]) -> pd.DataFrame:
    """The scores of one instrument with their visit, day and parameter."""
    places = {visit.name: place for place, visit in enumerate(visits)}
    rows = one.scores.reset_index(drop=True)
    visit = one.grid["visit"].reindex(rows["cell"]).reset_index(drop=True)
    person = people.set_index("unit").loc[rows["unit"]].reset_index(drop=True)
    scale = rows["scale"].astype(str)
    titles = {part.name: part.title for part in one.instrument.scales}
    codes = {name: scale_codes()[one.instrument.id, name] for name in one.instrument.scale_names}
    numbers = {code: place for place, code in enumerate(scale_codes().values(), start=1)}
    code = scale.map(codes)
    return pd.DataFrame(
        {
            "patient_id": person["patient_id"],
            "PARAMCD": code,
            "PARAM": one.instrument.title + ": " + scale.map(lambda n: titles.get(n, n)),
            "PARAMN": code.map(numbers),
            "PARCAT1": one.instrument.title,
            "QSRESP": rows["respondent"].astype(str).str.upper(),
            "AVISIT": visit,
            "AVISITN": visit.map(places),
            "ADT": person["start_date"] + pd.to_timedelta(rows["day"], unit="D"),
            "ADY": rows["day"] + (rows["day"] >= 0).astype(int),
            "AVAL": rows["value"],
            "ANL01FL": "Y",
        }
    )


def _with_baseline(rows: pd.DataFrame) -> pd.DataFrame:
    is_baseline = rows["AVISITN"] == 0
    base = rows.loc[is_baseline, [*_SERIES, "AVAL"]].rename(columns={"AVAL": "BASE"})
    whole = rows.merge(base, on=_SERIES, how="left", validate="m:1")
    is_baseline = whole["AVISITN"] == 0
    whole["CHG"] = (whole["AVAL"] - whole["BASE"]).where(~is_baseline)
    whole["ABLFL"] = is_baseline.map({True: "Y", False: None})
    return whole
