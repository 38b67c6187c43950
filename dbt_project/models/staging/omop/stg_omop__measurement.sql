select
    _source as source,
    {{ text('person_id') }} as patient_id,
    cast(measurement_concept_id as bigint) as measurement_concept_id,
    {{ text('measurement_source_value') }} as measurement_source_value,
    cast(measurement_date as timestamp) as observed_at,
    cast(value_as_number as {{ text_type() }}) as value,
    {{ text('unit_source_value') }} as unit,
    cast(range_high as double) as upper_limit,
    cast(_delivery as date) as delivery_date,
    cast(_file as {{ text_type() }}) as delivered_file,
    cast(_row as bigint) as delivered_row
from {{ source('raw', 'omop__measurement') }}
