{{ config(severity='warn', meta={'kahn': 'plausibility'}) }}

select stay_id
from {{ ref('resource_use') }}
where length_of_stay_days < 0
