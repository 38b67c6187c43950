-- The registry registers from the infusion; what came before it is not asked.
select
    _source as source,
    {{ text('treatment_id') }} as treatment_id,
    {{ text('patient_id') }} as patient_id,
    {{ text('product_code') }} as product_code,
    {{ text('indication_code') }} as indication_code,
    cast(line as integer) as line,
    {{ text('centre_id') }} as centre_id,
    cast(null as date) as decision_date,
    cast(null as date) as order_date,
    cast(null as date) as apheresis_date,
    cast(null as date) as release_date,
    cast(infusion_date as date) as infusion_date,
    cast(null as {{ text_type() }}) as not_infused_reason,
    cast(null as {{ text_type() }}) as batch_id,
    cast(null as {{ text_type() }}) as batch_outcome,
    cast(null as integer) as bridging,
    cast(_delivery as date) as delivery_date,
    cast(_file as {{ text_type() }}) as delivered_file,
    cast(_row as bigint) as delivered_row
from {{ source('raw', 'transplant_registry__treatments') }}
