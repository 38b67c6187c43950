{{ config(severity='warn', meta={'kahn': 'plausibility'}) }}

select circuit_id
from {{ ref('product_circuit') }}
where chain_of_identity in ('broken', 'incomplete')
