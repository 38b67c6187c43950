select
    _source as source,
    {{ text('patient_id') }} as patient_id,
    {{ text('vital_status') }} as vital_status,
    cast(death_date as date) as death_date,
    {{ text('death_cause') }} as death_cause,
    cast(last_contact_date as date) as last_contact_date,
    cast(_delivery as date) as delivery_date,
    cast(_file as {{ text_type() }}) as delivered_file,
    cast(_row as bigint) as delivered_row
from {{ source('raw', 'transplant_registry__follow_up') }}
