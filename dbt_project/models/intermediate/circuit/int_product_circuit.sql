-- What a hospital pharmacy tells of each order, from the order to the dispensation, and whether one
-- chain-of-identity code and one patient hold from end to end. An order without a batch has one
-- row. A repeated row replaces the earlier copy; the first dispensation of a batch counts.
with

orders as (
    {{ latest_copy(ref('int_delivered_product_orders'), ['source', 'order_id']) }}
),

batches as (
    {{ latest_copy(ref('int_delivered_product_batches'), ['source', 'batch_id']) }}
),

dispensations as (
    select
        *,
        row_number() over (
            partition by source, batch_id
            order by dispensation_date, dispensation_id
        ) as dispensation_rank
    from (
        {{ latest_copy(
            ref('int_delivered_product_dispensations'),
            ['source', 'dispensation_id']
        ) }}
    ) as latest
)

select
    orders.source,
    orders.order_id,
    batches.batch_id,
    orders.patient_id,
    product.mapped_code as product,
    orders.product_code,
    orders.order_date,
    orders.cancellation_date,
    batches.receipt_date,
    batch.mapped_code as batch_outcome,
    batches.release_date,
    dispensations.dispensation_date,
    case
        when
            dispensations.patient_id <> orders.patient_id
            or dispensations.identity_code <> orders.identity_code
            or batches.identity_code <> orders.identity_code
            then 'broken'
        when
            orders.identity_code is null
            or (batches.batch_id is not null and batches.identity_code is null)
            or (dispensations.batch_id is not null and dispensations.identity_code is null)
            then 'incomplete'
        when dispensations.batch_id is null then 'pending'
        else 'intact'
    end as chain_of_identity
from orders
left join batches
    on
        orders.source = batches.source
        and orders.order_id = batches.order_id
left join dispensations
    on
        batches.source = dispensations.source
        and batches.batch_id = dispensations.batch_id
        and dispensations.dispensation_rank = 1
{{ join_code('product', 'product_code', 'orders', 'product_code') }}
{{ join_code('batch', 'batch_outcome', 'batches', 'batch_outcome') }}
