select
    scores.source,
    forms.patient_id,
    scores.questionnaire_id,
    forms.treatment_id,
    scores.instrument,
    scores.scale,
    forms.respondent,
    forms.completed_date,
    scores.value
from {{ ref('int_questionnaire_score') }} as scores
inner join {{ ref('int_questionnaire_form') }} as forms
    on
        scores.source = forms.source
        and scores.questionnaire_id = forms.questionnaire_id
where scores.value is not null
