-- The treatment a circuit made: that of the patient of the order with the nearest infusion to the
-- dispensation (before one, with the nearest order), not further away than the seed `tolerance`
-- allows; a registry that tells the order comes first. The pharmacy's own product code is not asked
-- to agree: a difference is a finding, not another treatment.
with

candidates as (
    select
        circuit.source,
        circuit.order_id,
        circuit.batch_id,
        treatments.source as treatment_source,
        treatments.treatment_id,
        treatments.order_date,
        treatments.apheresis_date,
        treatments.infusion_date,
        abs(coalesce(
            {{ days_between('circuit.dispensation_date', 'treatments.infusion_date') }},
            {{ days_between('circuit.order_date', 'treatments.order_date') }}
        )) as distance_days
    from {{ ref('int_product_circuit') }} as circuit
    inner join {{ ref('int_treatment') }} as treatments
        on circuit.patient_id = treatments.patient_id
),

near as (
    select candidates.*
    from candidates
    inner join {{ ref('tolerance') }} as tolerance
        on
            tolerance.id = 'circuit_treatment'
            and candidates.distance_days <= tolerance.value
),

ranked as (
    select
        *,
        row_number() over (
            partition by source, order_id, batch_id
            order by
                case when order_date is null then 1 else 0 end,
                distance_days,
                treatment_source,
                treatment_id
        ) as candidate_rank
    from near
)

select
    source,
    order_id,
    batch_id,
    treatment_source,
    treatment_id,
    order_date,
    apheresis_date,
    infusion_date
from ranked
where candidate_rank = 1
