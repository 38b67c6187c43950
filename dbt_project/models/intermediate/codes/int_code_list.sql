-- The identifiers of every closed list, in one table.
select
    'product_code' as code_list,
    id
from {{ ref('product') }}

union all

select
    'indication_code' as code_list,
    id
from {{ ref('indication') }}

union all

select
    'event_type' as code_list,
    id
from {{ ref('event_type') }}

union all

select
    'death_cause' as code_list,
    id
from {{ ref('death_cause') }}

union all

select
    'not_infused_reason' as code_list,
    id
from {{ ref('not_infused_reason') }}

union all

select
    'response' as code_list,
    id
from {{ ref('response') }}

union all

select
    'criteria' as code_list,
    id
from {{ ref('criteria') }}

union all

select
    'instrument' as code_list,
    id
from {{ ref('instrument') }}

union all

select
    'observation_code' as code_list,
    id
from {{ ref('observation_code') }}

union all

select distinct
    'observation_value' as code_list,
    answer as id
from {{ ref('toxicity_component') }}
where answer is not null

union all

-- Lists too short for a file of their own.
select
    code_list,
    id
from {{ ref('short_list') }}
