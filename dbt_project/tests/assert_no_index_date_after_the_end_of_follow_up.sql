{{ config(severity='warn', meta={'kahn': 'plausibility'}) }}

-- A negative duration: somebody died or was last seen before the clock starts. Kept, and excluded
-- with an attrition row by each study.
select
    source,
    patient_id,
    treatment_id,
    analysis_set
from {{ ref('time_to_event') }}
where endpoint = 'overall_survival' and time_days < 0
