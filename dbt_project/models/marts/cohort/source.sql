select
    source,
    title,
    registers_from,
    delivery_date,
    synthetic
from {{ ref('stg_deliveries__source_registry') }}
