-- Measurements under the code of their standard concept, else under their source value.
select
    measurements._source as source,
    {{ text('measurements.person_id') }} as patient_id,
    cast(null as {{ text_type() }}) as treatment_id,
    cast(measurements.measurement_date as timestamp) as observed_at,
    coalesce(concepts.code, {{ text('measurements.measurement_source_value') }}) as code,
    cast(measurements.value_as_number as {{ text_type() }}) as value,
    {{ text('measurements.unit_source_value') }} as unit,
    measurements.range_high as upper_limit,
    cast(measurements._delivery as date) as delivery_date,
    cast(measurements._file as {{ text_type() }}) as delivered_file,
    cast(measurements._row as bigint) as delivered_row
from {{ source('raw', 'omop__measurement') }} as measurements
left join {{ ref('omop_concept') }} as concepts
    on
        concepts.code_list = 'observation_code'
        and measurements.measurement_concept_id = concepts.concept_id
