select
    source,
    patient_id,
    treatment_id,
    assessment_date,
    criteria,
    response,
    response_category
from {{ ref('int_assessment') }}
