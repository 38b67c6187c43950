{{ config(severity='warn', meta={'kahn': 'plausibility'}) }}

-- A utility at an age its value set is not for is withheld: the form may be somebody else's.
select
    source,
    questionnaire_id,
    scale
from {{ ref('questionnaire_score') }}
where withheld = 'not_for_this_age'
