-- The registry grades lymphoma by Lugano 2014.
select
    _source as source,
    {{ text('patient_id') }} as patient_id,
    {{ text('treatment_id') }} as treatment_id,
    cast(assessment_date as date) as assessment_date,
    'lugano' as criteria,
    {{ text('response') }} as response,
    cast(_delivery as date) as delivery_date,
    cast(_file as {{ text_type() }}) as delivered_file,
    cast(_row as bigint) as delivered_row
from {{ source('raw', 'transplant_registry__follow_up') }}
where response is not null
