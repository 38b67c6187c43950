{{ config(severity='error', meta={'kahn': 'plausibility', 'grain': 'person'}) }}

select outcomes.*
from {{ ref('time_to_event') }} as outcomes
inner join {{ ref('time_to_event') }} as survival
    on
        outcomes.source = survival.source
        and outcomes.patient_id = survival.patient_id
        and outcomes.treatment_id = survival.treatment_id
        and outcomes.analysis_set = survival.analysis_set
        and survival.endpoint = 'overall_survival'
where
    outcomes.endpoint = 'progression_free_survival'
    and outcomes.time_days > survival.time_days
