{{ config(severity='warn', meta={'kahn': 'plausibility'}) }}

select *
from {{ ref('source_conflict') }}
