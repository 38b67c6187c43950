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

numbered as (
    select
        latest.source,
        latest.questionnaire_id,
        dense_rank() over (order by latest.source, latest.questionnaire_id) as form_number,
        instrument.mapped_code as instrument,
        latest.item,
        latest.answer
    from latest
    {{ join_code('instrument', 'instrument', 'latest', 'instrument') }}
    where latest.item is not null
)

select distinct
    source,
    questionnaire_id,
    form_number,
    instrument,
    item,
    answer
from numbered
