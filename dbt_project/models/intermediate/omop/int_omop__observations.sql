-- Measurements under the code of their standard concept, else under their source value.
select
    measurements.source,
    measurements.patient_id,
    cast(null as {{ text_type() }}) as treatment_id,
    measurements.observed_at,
    coalesce(concepts.code, measurements.measurement_source_value) as code,
    measurements.value,
    measurements.unit,
    measurements.upper_limit,
    measurements.delivery_date,
    measurements.delivered_file,
    measurements.delivered_row
from {{ ref('stg_omop__measurement') }} as measurements
left join {{ ref('omop_concept') }} as concepts
    on
        concepts.code_list = 'observation_code'
        and measurements.measurement_concept_id = concepts.concept_id
