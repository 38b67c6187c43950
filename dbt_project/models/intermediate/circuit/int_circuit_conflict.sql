-- Dates of a treatment that a pharmacy tells otherwise than the registry: the registry's is used. A
-- product is given on the day it is dispensed, so a dispensation is a word on the infusion.
with

told as (
    select
        circuit.source,
        circuit.patient_id,
        'order_date' as field,
        treatments.treatment_source,
        treatments.order_date as used_date,
        circuit.order_date as told_date
    from {{ ref('int_product_circuit') }} as circuit
    inner join {{ ref('int_circuit_treatment') }} as treatments
        on
            circuit.source = treatments.source
            and circuit.order_id = treatments.order_id
            and coalesce(circuit.batch_id, '') = coalesce(treatments.batch_id, '')

    union all

    select
        circuit.source,
        circuit.patient_id,
        'infusion_date' as field,
        treatments.treatment_source,
        treatments.infusion_date as used_date,
        circuit.dispensation_date as told_date
    from {{ ref('int_product_circuit') }} as circuit
    inner join {{ ref('int_circuit_treatment') }} as treatments
        on
            circuit.source = treatments.source
            and circuit.order_id = treatments.order_id
            and coalesce(circuit.batch_id, '') = coalesce(treatments.batch_id, '')
)

select distinct
    patient_id,
    field,
    treatment_source as source,
    cast(used_date as {{ text_type() }}) as value,
    source as other_source,
    cast(told_date as {{ text_type() }}) as other_value
from told
where used_date <> told_date
