{{ config(severity='warn', meta={'kahn': 'plausibility'}) }}

select circuit_id
from {{ ref('product_circuit') }}
where receipt_to_release_days < 0 or release_to_dispensation_days < 0
