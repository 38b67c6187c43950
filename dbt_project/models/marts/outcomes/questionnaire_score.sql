select
    forms.source,
    forms.patient_id,
    forms.questionnaire_id,
    forms.treatment_id,
    scores.instrument,
    scores.scale,
    forms.respondent,
    forms.completed_date,
    scores.value
from {{ ref('int_questionnaire_score') }} as scores
inner join {{ ref('int_questionnaire_form') }} as forms
    on scores.form_number = forms.form_number
where scores.value is not null
