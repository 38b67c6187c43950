select
    _source as source,
    {{ text('patient_id') }} as patient_id,
    {{ text('treatment_id') }} as treatment_id,
    {{ text('name') }} as name,
    {{ text('value') }} as value,
    cast(measured_date as date) as measured_date,
    cast(_delivery as date) as delivery_date,
    cast(_file as {{ text_type() }}) as delivered_file,
    cast(_row as bigint) as delivered_row
from {{ source('raw', 'common_extract__covariates') }}
