-- One salvage treatment a patient, so the patient's pseudonym names it. Its first day is the date
-- that an infusion has in the other sources: the clock of the analysis set `infused`.
select
    _source as source,
    {{ text('patient_id') }} as treatment_id,
    {{ text('patient_id') }} as patient_id,
    {{ text('product_code') }} as product_code,
    {{ text('indication_code') }} as indication_code,
    cast(line as integer) as line,
    {{ text('centre_id') }} as centre_id,
    cast(null as date) as decision_date,
    cast(null as date) as order_date,
    cast(null as date) as apheresis_date,
    cast(null as date) as release_date,
    cast(salvage_start_date as date) as infusion_date,
    cast(null as {{ text_type() }}) as not_infused_reason,
    cast(null as {{ text_type() }}) as batch_id,
    cast(null as {{ text_type() }}) as batch_outcome,
    cast(null as integer) as bridging,
    cast(_delivery as date) as delivery_date,
    cast(_file as {{ text_type() }}) as delivered_file,
    cast(_row as bigint) as delivered_row
from {{ source('raw', 'historical_control__cohort') }}
