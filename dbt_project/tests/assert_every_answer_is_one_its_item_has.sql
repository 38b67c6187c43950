{{ config(severity='warn', meta={'kahn': 'conformance'}) }}

-- An answer out of the range of its item, or no whole number, counts as missing in the scores.
select
    source,
    questionnaire_id,
    item
from {{ ref('questionnaire_item') }}
where state = 'invalid'
