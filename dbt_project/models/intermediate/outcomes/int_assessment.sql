-- Response assessments with their response on the one ordered scale of the seed `response`.
select
    assessments.source,
    assessments.patient_id,
    assessments.treatment_id,
    assessments.assessment_date,
    criteria.mapped_code as criteria,
    response.mapped_code as response,
    min(scale.category) as response_category,
    min(scale.rank) as response_rank
from {{ ref('int_delivered_assessments') }} as assessments
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
