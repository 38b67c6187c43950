-- A period of observation that ends after its delivery is open: it tells no last contact.
select
    _source as source,
    {{ text('person_id') }} as patient_id,
    'dead' as vital_status,
    cast(death_date as date) as death_date,
    {{ text('cause_source_value') }} as death_cause,
    cast(null as date) as last_contact_date,
    cast(_delivery as date) as delivery_date,
    cast(_file as {{ text_type() }}) as delivered_file,
    cast(_row as bigint) as delivered_row
from {{ source('raw', 'omop__death') }}

union all

select
    _source as source,
    {{ text('person_id') }} as patient_id,
    'alive' as vital_status,
    cast(null as date) as death_date,
    cast(null as {{ text_type() }}) as death_cause,
    case
        when cast(observation_period_end_date as date) <= cast(_delivery as date)
            then cast(observation_period_end_date as date)
    end as last_contact_date,
    cast(_delivery as date) as delivery_date,
    cast(_file as {{ text_type() }}) as delivered_file,
    cast(_row as bigint) as delivered_row
from {{ source('raw', 'omop__observation_period') }}
