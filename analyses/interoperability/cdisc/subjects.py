"""ADSL: one row per subject of a study.

Belongs here: what a cohort's person is called in ADaM. Does not belong here: who is in the cohort
(analyses.cohort).
"""

from __future__ import annotations

import duckdb
import pandas as pd

from analyses.cohort import Cohort
from analyses.studies import Study

# Facts of the treatment by which a person entered the study, as of its cut-off.
_FACTS = """
SELECT
    k.patient_id, t.product, t.apheresis_date,
    CASE WHEN t.infusion_date <= k.cutoff_date THEN t.infusion_date END AS infusion_date,
    CASE WHEN p.death_date <= k.cutoff_date THEN p.death_cause END AS death_cause
FROM study_patient AS k
LEFT JOIN mart_treatment AS t
    ON k.source = t.source AND k.patient_id = t.patient_id AND k.treatment_id = t.treatment_id
LEFT JOIN mart_patient AS p ON k.source = p.source AND k.patient_id = p.patient_id
"""


def subjects(study: Study, cohort: Cohort, con: duckdb.DuckDBPyConnection) -> pd.DataFrame:
    """ADSL by USUBJID, with patient_id and start_date beside the variables for the other datasets.

    AGE is in whole years at the index date. RACE is NOT REPORTED: it is not asked in France. TRT01A
    is empty until the treatment is given.
    """
    # A person has one row of facts: the view of marts holds one row per source and patient.
    facts = con.execute(_FACTS).df().drop_duplicates("patient_id").set_index("patient_id")
    patients = cohort.patients
    told = facts.reindex(patients["patient_id"]).reset_index(drop=True)
    infused, died = told["infusion_date"].notna(), patients["death_date"].notna()
    product = patients["product"].fillna("UNKNOWN")
    frame = pd.DataFrame(
        {
            "STUDYID": study.id.upper(),
            "USUBJID": study.id.upper() + "-" + patients["patient_id"],
            "SUBJID": patients["patient_id"],
            "SITEID": patients["centre"],
            "SRCREG": patients["source"],
            "AGE": patients["age_years"].floordiv(1),
            "AGEU": "YEARS",
            "AGEGR1": patients["age_group"],
            "SEX": patients["sex"].fillna("U"),
            "RACE": "NOT REPORTED",
            "ARM": product,
            "ACTARM": product.where(infused, "NOT TREATED"),
            "TRT01P": product,
            "TRT01A": product.where(infused, None),
            "TRTSDT": told["infusion_date"],
            "TRTEDT": told["infusion_date"],
            "INDIC": patients["indication"],
            "LINE": patients["line"],
            "STRAT1": patients["stratum"],
            "ITTFL": "Y" if study.analysis_set == "intention_to_treat" else "N",
            "SAFFL": infused.map({True: "Y", False: "N"}),
            "INDEXDT": patients["start_date"],
            "APHDT": told["apheresis_date"],
            "EOSDT": patients["end_of_follow_up"],
            "EOSSTT": died.map({True: "DISCONTINUED", False: "ONGOING"}),
            "DTHFL": died.map({True: "Y", False: None}),
            "DTHDT": patients["death_date"],
            "DTHCAUS": told["death_cause"].where(died, None),
            "patient_id": patients["patient_id"],
            "start_date": patients["start_date"],
        }
    )
    return frame.sort_values("USUBJID", ignore_index=True)
