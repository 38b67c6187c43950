select
    _source as source,
    {{ text('patient_id') }} as patient_id,
    {{ text('sex') }} as sex,
    cast(birth_year as integer) as birth_year,
    cast(birth_month as integer) as birth_month,
    {{ text('residence_department') }} as residence_department,
    {{ text('vital_status') }} as vital_status,
    cast(death_date as date) as death_date,
    {{ text('death_cause') }} as death_cause,
    cast(registration_date as date) as registration_date,
    cast(last_contact_date as date) as last_contact_date,
    cast(_delivery as date) as delivery_date,
    cast(_file as {{ text_type() }}) as delivered_file,
    cast(_row as bigint) as delivered_row
from {{ source('raw', 'common_extract__patients') }}
