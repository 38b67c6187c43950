-- The performance status of a visit, asked since the second revision of the form. It is not the
-- ECOG status before treatment, so it has a name of its own.
select
    _source as source,
    {{ text('patient_id') }} as patient_id,
    {{ text('treatment_id') }} as treatment_id,
    'performance_status' as name,
    cast(performance_status as {{ text_type() }}) as value,
    cast(assessment_date as date) as measured_date,
    cast(_delivery as date) as delivery_date,
    cast(_file as {{ text_type() }}) as delivered_file,
    cast(_row as bigint) as delivered_row
from {{ source('raw', 'transplant_registry__follow_up') }}
where performance_status is not null and assessment_date is not null
