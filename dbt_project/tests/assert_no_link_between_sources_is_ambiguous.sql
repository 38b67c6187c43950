{{ config(severity='warn', meta={'kahn': 'plausibility'}) }}

-- Persons who may be one, left as two: their sources name no common identifier, and the rule of
-- int_link_key finds several candidates or contradictory months of birth.
select *
from {{ ref('person_link') }}
where verdict <> 'linked'
