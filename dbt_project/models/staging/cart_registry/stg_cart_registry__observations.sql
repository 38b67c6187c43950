-- Bedside readings, one a row, by day.
select
    _source as source,
    {{ text('patient_id') }} as patient_id,
    {{ text('treatment_id') }} as treatment_id,
    cast(observed_date as timestamp) as observed_at,
    {{ text('code') }} as code,
    {{ text('value') }} as value,
    {{ text('unit') }} as unit,
    cast(_delivery as date) as delivery_date,
    cast(_file as {{ text_type() }}) as delivered_file,
    cast(_row as bigint) as delivered_row
from {{ source('raw', 'cart_registry__surveillance') }}
