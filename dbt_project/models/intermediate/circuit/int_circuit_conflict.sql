-- What a pharmacy tells of a treatment otherwise than the registry: the registry's is used. A
-- product is given on the day it is dispensed, so a dispensation is a word on the infusion. A code
-- that no list knows says nothing of the product; it is counted in marts.unmapped_code.
with

told as (
    select
        circuit.source,
        circuit.patient_id,
        'order_date' as field,
        treatments.treatment_source,
        cast(treatments.order_date as {{ text_type() }}) as used_value,
        cast(circuit.order_date as {{ text_type() }}) as told_value
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
        cast(treatments.infusion_date as {{ text_type() }}) as used_value,
        cast(circuit.dispensation_date as {{ text_type() }}) as told_value
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
        'product' as field,
        treatments.treatment_source,
        made.product as used_value,
        circuit.product as told_value
    from {{ ref('int_product_circuit') }} as circuit
    inner join {{ ref('product') }} as products
        on circuit.product = products.id
    inner join {{ ref('int_circuit_treatment') }} as treatments
        on
            circuit.source = treatments.source
            and circuit.order_id = treatments.order_id
            and coalesce(circuit.batch_id, '') = coalesce(treatments.batch_id, '')
    inner join {{ ref('int_treatment') }} as made
        on
            treatments.treatment_source = made.source
            and circuit.patient_id = made.patient_id
            and treatments.treatment_id = made.treatment_id
    inner join {{ ref('product') }} as made_products
        on made.product = made_products.id
)

select distinct
    patient_id,
    field,
    treatment_source as source,
    used_value as value,
    source as other_source,
    told_value as other_value
from told
where used_value <> told_value
