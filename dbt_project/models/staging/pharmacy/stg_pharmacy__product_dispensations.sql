select
    _source as source,
    {{ text('dispensation_id') }} as dispensation_id,
    {{ text('batch_id') }} as batch_id,
    {{ text('patient_id') }} as patient_id,
    {{ text('identity_code') }} as identity_code,
    cast(dispensation_date as date) as dispensation_date,
    cast(_delivery as date) as delivery_date,
    cast(_file as {{ text_type() }}) as delivered_file,
    cast(_row as bigint) as delivered_row
from {{ source('raw', 'pharmacy__dispensations') }}
