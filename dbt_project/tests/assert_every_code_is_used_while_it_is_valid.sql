{{ config(severity='warn', meta={'kahn': 'plausibility'}) }}

-- A code is read whatever the day, because dropping it would drop a person; a treatment outside the
-- validity of its product or indication, or of the code delivered for it, is counted here. The day
-- is that of the infusion, else of the step before it that has one.
with

treated as (
    select
        *,
        coalesce(infusion_date, apheresis_date, order_date, decision_date) as used_date
    from {{ ref('treatment') }}
),

used as (
    select
        source,
        treatment_id,
        'product_code' as code_list,
        product as id,
        {{ code_key('product_code') }} as code_key,
        used_date
    from treated

    union all

    select
        source,
        treatment_id,
        'indication_code' as code_list,
        indication as id,
        {{ code_key('indication_code') }} as code_key,
        used_date
    from treated
),

validity as (
    select
        'product_code' as code_list,
        id,
        cast(null as {{ text_type() }}) as code_key,
        valid_from,
        valid_to
    from {{ ref('product') }}

    union all

    select
        'indication_code' as code_list,
        id,
        cast(null as {{ text_type() }}) as code_key,
        valid_from,
        valid_to
    from {{ ref('indication') }}

    union all

    select
        code_list,
        id,
        {{ code_key('alias') }} as code_key,
        valid_from,
        valid_to
    from {{ ref('alias') }}
)

select distinct
    used.source,
    used.treatment_id
from used
inner join validity
    on
        used.code_list = validity.code_list
        and used.id = validity.id
        and used.code_key = coalesce(validity.code_key, used.code_key)
where
    used.used_date < validity.valid_from
    or used.used_date > validity.valid_to
