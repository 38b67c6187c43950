select
    {{ text('source') }} as source,
    {{ text('title') }} as title,
    {{ text('registers_from') }} as registers_from,
    {{ text('identity') }} as identity_namespace,
    {{ text('delivery_mode') }} as delivery_mode,
    cast(delivery_date as date) as delivery_date,
    cast(synthetic as boolean) as synthetic,
    {{ text('format') }} as format
from {{ source('raw', 'source_registry') }}
