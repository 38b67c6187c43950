-- Answers as the last delivery that has any for an item tells them. Only exact copies are removed:
-- when one delivery answers an item twice, the scoring rules decide what that means. An answer
-- stays the text it was, so that what cannot be read counts as invalid rather than as blank. The
-- number of the form is a short key for scoring, never released.
with

latest as (
    {{ latest_delivery(
        ref('int_delivered_questionnaires'),
        ['source', 'questionnaire_id', 'item']
    ) }}
),

answers as (
    select distinct
        source,
        questionnaire_id,
        patient_id,
        instrument,
        item,
        answer
    from latest
    where item is not null
),

-- Numbered form by form: ordering every answer would cost more than the rest of the model.
forms as (
    select
        source,
        questionnaire_id,
        min(patient_id) as patient_id,
        row_number() over (order by source, questionnaire_id) + {{ last_number('form_number') }}
            as form_number
    from answers
    group by source, questionnaire_id
)

select
    answers.source,
    answers.questionnaire_id,
    forms.patient_id,
    forms.form_number,
    instrument.mapped_code as instrument,
    answers.item,
    answers.answer
from answers
inner join forms
    on
        answers.source = forms.source
        and answers.questionnaire_id = forms.questionnaire_id
{{ join_code('instrument', 'instrument', 'answers', 'instrument') }}
