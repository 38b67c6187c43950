-- Response assessments with their response on the one ordered scale of the seed `response`. An
-- assessment told again by a later delivery replaces the earlier one.
with

assessments as (
    {{ latest_delivery(
        ref('int_delivered_assessments'),
        ['source', 'patient_id', 'treatment_id', 'assessment_date', 'criteria']
    ) }}
)

select
    assessments.source,
    assessments.patient_id,
    assessments.treatment_id,
    assessments.assessment_date,
    criteria.mapped_code as criteria,
    response.mapped_code as response,
    min(scale.category) as response_category,
    min(scale.rank) as response_rank
from assessments
{{ join_code('criteria', 'criteria', 'assessments', 'criteria') }}
{{ join_code('response', 'response', 'assessments', 'response') }}
left join {{ ref('response') }} as scale
    on response.mapped_code = scale.id
where assessments.assessment_date is not null and assessments.response is not null
group by
    assessments.source,
    assessments.patient_id,
    assessments.treatment_id,
    assessments.assessment_date,
    criteria.mapped_code,
    response.mapped_code
