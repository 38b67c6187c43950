-- Every code a source delivers and what it means: the contract's own map first, then the code
-- list, then the list's aliases. A code in none of them keeps its own name and is counted; free
-- text in its place is counted as `free_text`, since a code's name is shown in results.
with

delivered as (
    {{ delivered_codes(ref('int_reported_patients'), {'sex': 'sex'}) }}
    union all
    {{ delivered_codes(
        ref('int_reported_status_reports'),
        {'vital_status': 'vital_status', 'death_cause': 'death_cause'}
    ) }}
    union all
    {{ delivered_codes(
        ref('int_reported_treatments'),
        {
            'product_code': 'product_code',
            'indication_code': 'indication_code',
            'not_infused_reason': 'not_infused_reason',
            'batch_outcome': 'batch_outcome',
        }
    ) }}
    union all
    {{ delivered_codes(ref('int_reported_product_orders'), {'product_code': 'product_code'}) }}
    union all
    {{ delivered_codes(
        ref('int_delivered_product_batches'),
        {'batch_outcome': 'batch_outcome'}
    ) }}
    union all
    {{ delivered_codes(
        ref('int_reported_events'),
        {'event_type': 'event_type', 'grade_scale': 'grade_scale'}
    ) }}
    union all
    {{ delivered_codes(
        ref('int_reported_assessments'),
        {'criteria': 'criteria', 'response': 'response'}
    ) }}
    union all
    {{ delivered_codes(ref('int_reported_observations'), {'observation_code': 'code'}) }}
    union all
    {{ delivered_codes(
        ref('int_reported_questionnaires'),
        {'instrument': 'instrument', 'respondent': 'respondent'}
    ) }}
    union all
    {{ delivered_codes(
        ref('int_delivered_trials'),
        {'trial_phase': 'phase', 'trial_status': 'status', 'sponsor_type': 'sponsor_type'}
    ) }}
),

listed as (
    select
        code_list,
        id,
        {{ code_key('id') }} as code_key
    from {{ ref('int_code_list') }}
),

aliases as (
    select
        code_list,
        id,
        {{ code_key('alias') }} as code_key
    from {{ ref('alias') }}
),

contract_map as (
    select
        source,
        code_list,
        {{ code_key('code') }} as code_key,
        min(mapped_code) as mapped_code
    from {{ ref('stg_deliveries__code_map') }}
    group by source, code_list, {{ code_key('code') }}
),

-- A source may tell the codes of a list in two of its tables.
counted as (
    select
        source,
        code_list,
        code,
        cast(sum(n_rows) as bigint) as n_rows
    from delivered
    where code is not null
    group by source, code_list, code
),

-- What to look for in the lists: the contract's word where it has one.
sought as (
    select
        counted.source,
        counted.code_list,
        counted.code,
        counted.n_rows,
        coalesce(contract_map.mapped_code, counted.code) as sought_code
    from counted
    left join contract_map
        on
            counted.source = contract_map.source
            and counted.code_list = contract_map.code_list
            and {{ code_key('counted.code') }} = contract_map.code_key
)

select
    sought.source,
    sought.code_list,
    sought.code,
    coalesce(
        listed.id,
        aliases.id,
        case when {{ is_free_text('sought.sought_code') }} then 'free_text' end,
        sought.sought_code
    ) as mapped_code,
    coalesce(listed.id, aliases.id) is not null as is_known,
    sought.n_rows
from sought
left join listed
    on
        sought.code_list = listed.code_list
        and {{ code_key('sought.sought_code') }} = listed.code_key
left join aliases
    on
        sought.code_list = aliases.code_list
        and {{ code_key('sought.sought_code') }} = aliases.code_key
