"""The suites, one file a table, declared without Great Expectations.

A new table gets a file with a `SUITE` and a line in `SUITES`; nothing else.
"""

from expectations.spec import Suite
from expectations.suites import (
    cart_registry_follow_up,
    cart_registry_patients,
    cart_registry_surveillance,
    cart_registry_treatments,
    common_extract_assessments,
    common_extract_covariates,
    common_extract_events,
    common_extract_observations,
    common_extract_patients,
    common_extract_questionnaires,
    common_extract_stays,
    common_extract_treatments,
    covariate,
    epro_answers,
    historical_control_cohort,
    omop_drug_exposure,
    omop_measurement,
    omop_person,
    patient,
    questionnaire_score,
    time_to_event,
    treatment,
    trials,
)

SUITES: tuple[Suite, ...] = (
    cart_registry_patients.SUITE,
    cart_registry_treatments.SUITE,
    cart_registry_follow_up.SUITE,
    cart_registry_surveillance.SUITE,
    epro_answers.SUITE,
    historical_control_cohort.SUITE,
    omop_person.SUITE,
    omop_drug_exposure.SUITE,
    omop_measurement.SUITE,
    trials.SUITE,
    common_extract_patients.SUITE,
    common_extract_treatments.SUITE,
    common_extract_events.SUITE,
    common_extract_assessments.SUITE,
    common_extract_covariates.SUITE,
    common_extract_observations.SUITE,
    common_extract_questionnaires.SUITE,
    common_extract_stays.SUITE,
    patient.SUITE,
    treatment.SUITE,
    time_to_event.SUITE,
    questionnaire_score.SUITE,
    covariate.SUITE,
)
