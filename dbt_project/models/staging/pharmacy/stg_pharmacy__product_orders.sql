select
    _source as source,
    {{ text('order_id') }} as order_id,
    {{ text('patient_id') }} as patient_id,
    {{ text('product_code') }} as product_code,
    {{ text('identity_code') }} as identity_code,
    cast(order_date as date) as order_date,
    cast(cancellation_date as date) as cancellation_date,
    cast(_delivery as date) as delivery_date,
    cast(_file as {{ text_type() }}) as delivered_file,
    cast(_row as bigint) as delivered_row
from {{ source('raw', 'pharmacy__orders') }}
