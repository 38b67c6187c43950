{{ config(severity='warn', meta={'kahn': 'plausibility'}) }}

-- A code is read whatever the day, because dropping it would drop a person; a treatment outside the
-- validity of the product or of the code delivered for it is counted here. The day is that of the
-- infusion, else of the step before it that has one.
with

given as (
    select
        source,
        treatment_id,
        product,
        {{ code_key('product_code') }} as product_key,
        coalesce(infusion_date, apheresis_date, order_date, decision_date) as given_date
    from {{ ref('treatment') }}
),

validity as (
    select
        id as product,
        cast(null as {{ text_type() }}) as product_key,
        valid_from,
        valid_to
    from {{ ref('product') }}

    union all

    select
        id as product,
        {{ code_key('alias') }} as product_key,
        valid_from,
        valid_to
    from {{ ref('alias') }}
    where code_list = 'product_code'
)

select distinct
    given.source,
    given.treatment_id
from given
inner join validity
    on
        given.product = validity.product
        and given.product_key = coalesce(validity.product_key, given.product_key)
where
    given.given_date < validity.valid_from
    or given.given_date > validity.valid_to
