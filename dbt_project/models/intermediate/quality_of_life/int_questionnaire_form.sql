-- Forms, answered or not, tied to the last infusion of the person on or before completion, else to
-- the first treatment (a form before any infusion is a baseline). Persons are linked by identifier,
-- so a form may belong to a treatment another source tells.
with

forms as (
    {{ latest_copy(ref('int_delivered_questionnaires'), ['source', 'questionnaire_id']) }}
),

answered as (
    select
        source,
        questionnaire_id,
        min(form_number) as form_number,
        cast(
            count(distinct case
                when {{ try_number("replace(answer, ',', '.')") }} is not null then item
            end) as integer
        ) as n_items_answered
    from {{ ref('int_questionnaire_answer') }}
    group by source, questionnaire_id
),

-- What the scoring rules make of the answers; nothing of an instrument they do not know.
used as (
    select
        form_number,
        cast(
            max(n_items)
            - count(case when state in ('blank', 'invalid', 'conflicting') then 1 end) as integer
        ) as n_items_answered,
        cast(
            count(case when state in ('invalid', 'conflicting', 'unknown_item') then 1 end)
            as integer
        ) as n_items_unusable
    from {{ ref('int_questionnaire_item') }}
    group by form_number
),

candidate as (
    select
        forms.source,
        forms.questionnaire_id,
        treatments.treatment_id,
        row_number() over (
            partition by forms.source, forms.questionnaire_id
            order by
                case when treatments.infusion_date <= forms.completed_date then 0 else 1 end,
                case
                    when treatments.infusion_date <= forms.completed_date
                        then {{ days_between('treatments.infusion_date', 'forms.completed_date') }}
                end,
                treatments.treatment_number,
                treatments.source,
                treatments.treatment_id
        ) as candidate_rank
    from forms
    inner join {{ ref('int_treatment') }} as treatments
        on forms.patient_id = treatments.patient_id
)

select
    forms.source,
    forms.patient_id,
    forms.questionnaire_id,
    answered.form_number,
    candidate.treatment_id,
    instrument.mapped_code as instrument,
    respondent.mapped_code as respondent,
    forms.visit,
    forms.completed_date,
    forms.not_completed_reason,
    coalesce(used.n_items_answered, answered.n_items_answered, 0) as n_items_answered,
    coalesce(used.n_items_unusable, 0) as n_items_unusable
from forms
left join answered
    on
        forms.source = answered.source
        and forms.questionnaire_id = answered.questionnaire_id
left join used
    on answered.form_number = used.form_number
left join candidate
    on
        forms.source = candidate.source
        and forms.questionnaire_id = candidate.questionnaire_id
        and candidate.candidate_rank = 1
{{ join_code('instrument', 'instrument', 'forms', 'instrument') }}
{{ join_code('respondent', 'respondent', 'forms', 'respondent') }}
