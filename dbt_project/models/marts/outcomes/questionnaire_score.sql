-- A utility is given only at the ages its instrument and value set are for, by the youngest and the
-- oldest age any source tells; beside it stands why not. Ages are counted in months, without a
-- month of birth from July, as the cohorts of studies do.
with

born as (
    select
        patient_id,
        min(birth_year * 12 + coalesce(birth_month, 7)) as first_month,
        max(birth_year * 12 + coalesce(birth_month, 7)) as last_month
    from {{ ref('int_patient') }}
    group by patient_id
),

aged as (
    select
        forms.source,
        forms.patient_id,
        forms.questionnaire_id,
        forms.treatment_id,
        scores.instrument,
        scores.scale,
        forms.respondent,
        forms.completed_date,
        scores.value,
        scores.minimum_age,
        scores.maximum_age,
        {{ year_of('forms.completed_date') }} * 12
        + {{ month_of('forms.completed_date') }}
        - born.last_month as youngest_months,
        {{ year_of('forms.completed_date') }} * 12
        + {{ month_of('forms.completed_date') }}
        - born.first_month as oldest_months
    from {{ ref('int_questionnaire_score') }} as scores
    inner join {{ ref('int_questionnaire_form') }} as forms
        on scores.form_number = forms.form_number
    left join born
        on forms.patient_id = born.patient_id
    where scores.value is not null
),

judged as (
    select
        *,
        case
            when minimum_age is null and maximum_age is null then null
            when youngest_months is null then 'age_unknown'
            when youngest_months < minimum_age * 12 then 'not_for_this_age'
            when oldest_months >= (maximum_age + 1) * 12 then 'not_for_this_age'
        end as withheld
    from aged
)

select
    source,
    patient_id,
    questionnaire_id,
    treatment_id,
    instrument,
    scale,
    respondent,
    completed_date,
    case when withheld is null then value end as value,
    withheld
from judged
