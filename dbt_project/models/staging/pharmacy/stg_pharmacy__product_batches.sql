select
    _source as source,
    {{ text('batch_id') }} as batch_id,
    {{ text('order_id') }} as order_id,
    {{ text('identity_code') }} as identity_code,
    cast(receipt_date as date) as receipt_date,
    {{ text('batch_outcome') }} as batch_outcome,
    cast(release_date as date) as release_date,
    cast(_delivery as date) as delivery_date,
    cast(_file as {{ text_type() }}) as delivered_file,
    cast(_row as bigint) as delivered_row
from {{ source('raw', 'pharmacy__batches') }}
