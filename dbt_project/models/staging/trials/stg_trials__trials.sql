select
    _source as source,
    {{ text('trial_id') }} as trial_id,
    {{ text('nct_number') }} as nct_number,
    {{ text('title') }} as title,
    {{ text('phase') }} as phase,
    {{ text('sponsor_type') }} as sponsor_type,
    {{ text('product_code') }} as product_code,
    {{ text('indication_code') }} as indication_code,
    {{ text('status') }} as status,
    -- A JSON list of codes, which hold neither a comma nor a quote.
    {{ text("replace(replace(replace(centres, '[', ''), ']', ''), '\"', '')") }} as centres,
    cast(opening_date as date) as opening_date,
    cast(closing_date as date) as closing_date,
    cast(planned_enrolment as integer) as planned_enrolment,
    cast(actual_enrolment as integer) as actual_enrolment,
    cast(updated_date as date) as updated_date,
    cast(_delivery as date) as delivery_date,
    cast(_file as {{ text_type() }}) as delivered_file,
    cast(_row as bigint) as delivered_row
from {{ source('raw', 'trials__trials') }}
