select
    source,
    patient_id,
    questionnaire_id,
    treatment_id,
    instrument,
    respondent,
    visit,
    completed_date,
    not_completed_reason,
    n_items_answered,
    n_items_unusable
from {{ ref('int_questionnaire_form') }}
