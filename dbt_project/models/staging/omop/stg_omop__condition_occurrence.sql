select
    _source as source,
    {{ text('person_id') }} as patient_id,
    {{ text('condition_source_value') }} as condition_code,
    cast(condition_start_date as date) as condition_start_date,
    cast(_delivery as date) as delivery_date,
    cast(_file as {{ text_type() }}) as delivered_file,
    cast(_row as bigint) as delivered_row
from {{ source('raw', 'omop__condition_occurrence') }}
