select
    _source as source,
    {{ text('stay_id') }} as stay_id,
    {{ text('unit_type') }} as unit_type,
    cast(days as integer) as days,
    cast(_delivery as date) as delivery_date,
    cast(_file as {{ text_type() }}) as delivered_file,
    cast(_row as bigint) as delivered_row
from {{ source('raw', 'pmsi__units') }}
