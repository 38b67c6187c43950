"""The days on which the people of a cohort reach a state, by the study's clock and cut-off.

Belongs here: reading them from the marts. Does not belong here: which endpoint tells of a state
(analyses.studies.states), and analyses of states.
"""

from __future__ import annotations

import duckdb
import numpy as np
import pandas as pd

from analyses.studies import Study
from analyses.studies.states import state_endpoint

_OF_ENDPOINT = """
SELECT k.patient_id, min(date_diff('day', k.start_date, e.end_date)) AS days
FROM study_patient AS k
INNER JOIN marts.time_to_event AS e
    ON k.source = e.source AND k.patient_id = e.patient_id AND k.treatment_id = e.treatment_id
WHERE e.endpoint = $endpoint AND e.analysis_set = $analysis_set AND e.event = 1
    AND e.end_date <= k.cutoff_date AND e.end_date >= k.start_date
GROUP BY k.patient_id
"""
_INFUSION = """
SELECT k.patient_id, min(date_diff('day', k.start_date, t.infusion_date)) AS days
FROM study_patient AS k
INNER JOIN marts.treatment AS t
    ON k.source = t.source AND k.patient_id = t.patient_id AND k.treatment_id = t.treatment_id
WHERE t.infusion_date <= k.cutoff_date AND t.infusion_date >= k.start_date
GROUP BY k.patient_id
"""


def state_days(
    study: Study, con: duckdb.DuckDBPyConnection, state: str, patients: pd.Series
) -> pd.Series:
    """Days since the start of the clock at which each of the patients reaches the state; missing
    for who is not seen to, by the cut-off."""
    if state == "infusion":
        found = con.execute(_INFUSION).df()
    else:
        asked = {"endpoint": state_endpoint(state), "analysis_set": study.analysis_set}
        found = con.execute(_OF_ENDPOINT, asked).df()
    days = pd.Series(found["days"].to_numpy(dtype=np.float64), index=found["patient_id"].to_numpy())
    return patients.map(days).astype("float64")
