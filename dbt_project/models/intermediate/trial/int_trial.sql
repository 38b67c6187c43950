-- A trial told several times is as its latest update says. Products under investigation are in no
-- list by their nature: an unknown one keeps its name and is not counted as an unmapped code.
with

ranked as (
    select
        *,
        row_number() over (
            partition by source, trial_id
            order by
                delivery_date desc,
                case when updated_date is null then 1 else 0 end,
                updated_date desc,
                delivered_file desc,
                delivered_row desc
        ) as entry_rank
    from {{ ref('int_delivered_trials') }}
    where trial_id is not null
),

listed as (
    select
        code_list,
        {{ code_key('id') }} as code_key,
        id
    from {{ ref('int_code_list') }}
    where code_list in ('product_code', 'indication_code')

    union

    select
        code_list,
        {{ code_key('alias') }} as code_key,
        id
    from {{ ref('alias') }}
    where code_list in ('product_code', 'indication_code')
)

select
    ranked.source,
    ranked.trial_id,
    ranked.nct_number,
    ranked.title,
    phase.mapped_code as phase,
    sponsor.mapped_code as sponsor_type,
    coalesce(product.id, ranked.product_code) as product,
    coalesce(indication.id, ranked.indication_code) as indication,
    status.mapped_code as status,
    ranked.centres,
    coalesce(
        length(ranked.centres) - length(replace(ranked.centres, ',', '')) + 1,
        0
    ) as n_centres,
    ranked.opening_date,
    ranked.closing_date,
    ranked.planned_enrolment,
    ranked.actual_enrolment,
    ranked.updated_date
from ranked
left join listed as product
    on
        product.code_list = 'product_code'
        and {{ code_key('ranked.product_code') }} = product.code_key
left join listed as indication
    on
        indication.code_list = 'indication_code'
        and {{ code_key('ranked.indication_code') }} = indication.code_key
{{ join_code('phase', 'trial_phase', 'ranked', 'phase') }}
{{ join_code('sponsor', 'sponsor_type', 'ranked', 'sponsor_type') }}
{{ join_code('status', 'trial_status', 'ranked', 'status') }}
where ranked.entry_rank = 1
