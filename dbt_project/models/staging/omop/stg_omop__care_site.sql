select
    _source as source,
    {{ text('care_site_id') }} as care_site_id,
    {{ text('care_site_source_value') }} as centre_id,
    cast(_delivery as date) as delivery_date,
    cast(_file as {{ text_type() }}) as delivered_file,
    cast(_row as bigint) as delivered_row
from {{ source('raw', 'omop__care_site') }}
