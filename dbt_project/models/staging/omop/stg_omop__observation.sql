select
    _source as source,
    {{ text('person_id') }} as patient_id,
    {{ text('observation_source_value') }} as observation_code,
    cast(value_as_number as double) as value_number,
    cast(observation_date as date) as observation_date,
    cast(_delivery as date) as delivery_date,
    cast(_file as {{ text_type() }}) as delivered_file,
    cast(_row as bigint) as delivered_row
from {{ source('raw', 'omop__observation') }}
