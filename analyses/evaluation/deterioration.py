"""An endpoint `deterioration:<instrument>:<scale>` as an outcome, like those of the marts.

Belongs here: the study's choices for it, and its rows in study_outcome. Does not belong here: the
rules (analyses.quality_of_life.deterioration) and estimates.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import duckdb
import pandas as pd

from analyses.cohort import Cohort
from analyses.evaluation.findings import Findings
from analyses.evaluation.outcome import (
    RELATION,
    Outcome,
    exclude_unobserved,
    sizes_and_entry,
)
from analyses.evaluation.quality_of_life import questionnaires
from analyses.studies import Endpoint, Study

if TYPE_CHECKING:
    from analyses.quality_of_life.deterioration import Death

# How the study's estimand for a death is said to the rules.
_DEATHS: dict[str, Death] = {
    "composite": "event",
    "hypothetical": "censor",
    "while_alive": "competing",
}
# A share of people without a baseline score from which a reader is warned: nothing is known of
# their deterioration.
WITHOUT_BASELINE_MUCH = 0.2


def load_deterioration(
    study: Study,
    endpoint: Endpoint,
    cohort: Cohort,
    con: duckdb.DuckDBPyConnection,
    findings: Findings,
) -> Outcome:
    """Fill study_outcome with the deterioration the endpoint names.

    Without a choice in its name it is the first one against the baseline; a death is an event,
    censored or a competing event by the study's estimand (composite, hypothetical, while alive);
    without a baseline score a person is censored at day 0. Where deaths count, everybody is
    observed until the window of the first visit they missed closes, a visit the study does not ask
    the instrument at being none; where they are censored, until the last score, or day 1 without
    one after the baseline. A person is at risk from their registration on, as of overall survival;
    who is registered at or after their time is left out, with a diagnostic. The threshold is that
    of the name, else the study's, else the instrument's; the scores are those of the visits.
    """
    from analyses import quality_of_life
    from analyses.quality_of_life.deterioration_endpoint import deterioration_endpoint
    from analyses.studies.quality_of_life import QualityOfLife

    asked = deterioration_endpoint(endpoint.id)
    death = asked.choices.get("death", _DEATHS[study.estimand.intercurrent_events.death])
    people, forms, scores = questionnaires(cohort, con)
    calendar = study.quality_of_life or QualityOfLife(instruments=(asked.instrument.id,))
    rows = quality_of_life.deterioration_of(
        endpoint.id,
        people,
        forms,
        scores,
        death=death,
        visits=calendar.planned,
        not_asked=calendar.not_asked.get(asked.instrument.id, ()),
        threshold=calendar.differences(asked.instrument.id).get(asked.scale, (None, None))[1],
    )
    started = int((rows["reason"] != "no_baseline").sum())
    without = 1 - started / len(people)
    findings.add(
        "people_without_baseline_score",
        "warn" if without >= WITHOUT_BASELINE_MUCH else "pass",
        endpoint=endpoint.id,
        value=without,
        threshold=WITHOUT_BASELINE_MUCH,
    )
    competes = death == "competing"
    causes = (endpoint.id, "death") if competes else ()
    con.register("deterioration_rows", _relation(rows, endpoint, competes=competes))
    con.execute(f"CREATE OR REPLACE TEMP TABLE {RELATION} AS FROM deterioration_rows")
    con.unregister("deterioration_rows")
    exclude_unobserved(con, endpoint, findings)
    of_study = Endpoint(endpoint.id, endpoint.title, endpoint.starts_from, competes)
    return Outcome(of_study, causes, *sizes_and_entry(con))


def _relation(rows: pd.DataFrame, endpoint: Endpoint, *, competes: bool) -> pd.DataFrame:
    """The rows in the columns of study_outcome."""
    names = {"deterioration": endpoint.id, "death": "death"}
    table = pd.DataFrame(
        {
            "patient_id": rows["patient_id"],
            "stratum": rows["stratum"],
            "entry": rows["entry"],
            "time": rows["time"],
            "event": rows["event"],
            "cause_name": rows["reason"].map(names).where(rows["cause"] > 0, None),
            "date_imputed": False,
        }
    )
    return table.assign(cause=rows["cause"]) if competes else table
