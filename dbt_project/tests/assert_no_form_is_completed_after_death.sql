{{ config(severity='warn', meta={'kahn': 'plausibility'}) }}

-- A questionnaire dated after the death of its patient: one of the dates, or the person, is wrong.
select
    forms.source,
    forms.questionnaire_id
from {{ ref('questionnaire_form') }} as forms
inner join {{ ref('int_person') }} as person
    on forms.patient_id = person.patient_id
where
    not person.death_date_imputed
    and forms.completed_date > person.death_date
