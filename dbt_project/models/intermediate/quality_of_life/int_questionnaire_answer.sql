-- Answered items, one per form and item: the copy delivered last. The number of the form is a short
-- key for scoring, never released.
with

latest as (
    {{ latest_copy(ref('int_delivered_questionnaires'), ['source', 'questionnaire_id', 'item']) }}
)

select
    latest.source,
    latest.patient_id,
    latest.questionnaire_id,
    dense_rank() over (order by latest.source, latest.questionnaire_id) as form_number,
    instrument.mapped_code as instrument,
    latest.item,
    {{ try_number('latest.answer') }} as answer
from latest
{{ join_code('instrument', 'instrument', 'latest', 'instrument') }}
where latest.item is not null
