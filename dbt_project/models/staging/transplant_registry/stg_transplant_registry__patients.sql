select
    _source as source,
    {{ text('patient_id') }} as patient_id,
    {{ text('sex') }} as sex,
    {{ year_of('birth_month') }} as birth_year,
    {{ month_of('birth_month') }} as birth_month,
    cast(null as {{ text_type() }}) as residence_department,
    cast(registration_date as date) as registration_date,
    cast(_delivery as date) as delivery_date,
    cast(_file as {{ text_type() }}) as delivered_file,
    cast(_row as bigint) as delivered_row
from {{ source('raw', 'transplant_registry__patients') }}
