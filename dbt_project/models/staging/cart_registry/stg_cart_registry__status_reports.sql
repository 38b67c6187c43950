-- Each reporting period says again whether the person lives; a form without a date of last
-- news tells that the person was seen at the visit.
select
    _source as source,
    {{ text('patient_id') }} as patient_id,
    {{ text('vital_status') }} as vital_status,
    cast(death_date as date) as death_date,
    {{ text('death_cause') }} as death_cause,
    cast(coalesce(last_news_date, visit_date) as date) as last_contact_date,
    cast(_delivery as date) as delivery_date,
    cast(_file as {{ text_type() }}) as delivered_file,
    cast(_row as bigint) as delivered_row
from {{ source('raw', 'cart_registry__follow_up') }}
