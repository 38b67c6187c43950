-- Treatments with their codes mapped, numbered within the person by the earliest sign of each.
with

treatments as (
    {{ latest_copy(ref('int_delivered_treatments'), ['source', 'patient_id', 'treatment_id']) }}
),

dated as (
    select
        *,
        coalesce(infusion_date, apheresis_date, order_date, decision_date) as episode_date
    from treatments
)

select
    dated.source,
    dated.patient_id,
    dated.treatment_id,
    cast(
        row_number() over (
            partition by dated.source, dated.patient_id
            order by
                case when dated.episode_date is null then 1 else 0 end,
                dated.episode_date,
                dated.treatment_id
        ) as integer
    ) as treatment_number,
    product.mapped_code as product,
    dated.product_code,
    indication.mapped_code as indication,
    dated.indication_code,
    dated.line,
    dated.centre_id,
    dated.decision_date,
    dated.order_date,
    dated.apheresis_date,
    dated.release_date,
    dated.infusion_date,
    reason.mapped_code as not_infused_reason,
    dated.batch_id,
    batch.mapped_code as batch_outcome,
    dated.bridging
from dated
{{ join_code('product', 'product_code', 'dated', 'product_code') }}
{{ join_code('indication', 'indication_code', 'dated', 'indication_code') }}
{{ join_code('reason', 'not_infused_reason', 'dated', 'not_infused_reason') }}
{{ join_code('batch', 'batch_outcome', 'dated', 'batch_outcome') }}
