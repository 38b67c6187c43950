{{ config(severity='warn', meta={'kahn': 'conformance'}) }}

-- An answer that is no number counts as invalid: the item is missing in the scores.
select
    source,
    questionnaire_id,
    item
from {{ ref('int_questionnaire_answer') }}
where
    answer is not null
    and {{ try_number("replace(answer, ',', '.')") }} is null
