{{ config(severity='warn', meta={'kahn': 'conformance'}) }}

-- An item under a name its instrument does not list is not scored: a translated form, perhaps.
select
    source,
    questionnaire_id,
    item
from {{ ref('questionnaire_item') }}
where state = 'unknown_item'
