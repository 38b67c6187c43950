select
    _source as source,
    {{ text('patient_id') }} as patient_id,
    {{ text('stay_id') }} as stay_id,
    cast(admission_date as date) as admission_date,
    cast(discharge_date as date) as discharge_date,
    cast(exit_mode as integer) as exit_mode,
    {{ text('ghm') }} as ghm,
    cast(cost_eur as double) as cost_eur,
    cast(_delivery as date) as delivery_date,
    cast(_file as {{ text_type() }}) as delivered_file,
    cast(_row as bigint) as delivered_row
from {{ source('raw', 'pmsi__stays') }}
