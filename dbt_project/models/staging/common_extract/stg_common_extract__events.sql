select
    _source as source,
    {{ text('event_id') }} as event_id,
    {{ text('patient_id') }} as patient_id,
    {{ text('treatment_id') }} as treatment_id,
    {{ text('event_type') }} as event_type,
    cast(event_date as date) as event_date,
    cast(grade as integer) as grade,
    {{ text('grade_scale') }} as grade_scale,
    {{ text('detail') }} as detail,
    cast(_delivery as date) as delivery_date,
    cast(_file as {{ text_type() }}) as delivered_file,
    cast(_row as bigint) as delivered_row
from {{ source('raw', 'common_extract__events') }}
