{{ config(severity='warn', meta={'kahn': 'conformance'}) }}

select *
from {{ ref('unmapped_code') }}
