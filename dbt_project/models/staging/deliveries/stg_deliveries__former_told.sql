select
    {{ text('source') }} as source,
    {{ text('event_type') }} as event_type
from {{ source('raw', 'former_told') }}
