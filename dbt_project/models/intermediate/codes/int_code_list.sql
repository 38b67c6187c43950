-- The identifiers of every closed list, in one table, with the days on which each is valid.
{% set lists = [
    ('product_code', 'product'),
    ('indication_code', 'indication'),
    ('event_type', 'event_type'),
    ('grade_scale', 'grade_scale'),
    ('death_cause', 'death_cause'),
    ('not_infused_reason', 'not_infused_reason'),
    ('response', 'response'),
    ('criteria', 'criteria'),
    ('instrument', 'instrument'),
    ('observation_code', 'observation_code'),
] %}
{% for code_list, seed in lists %}
select
    '{{ code_list }}' as code_list,
    id,
    valid_from,
    valid_to
from {{ ref(seed) }}

union all

{% endfor %}
select distinct
    'observation_value' as code_list,
    answer as id,
    cast(null as date) as valid_from,
    cast(null as date) as valid_to
from {{ ref('toxicity_component') }}
where answer is not null

union all

-- Lists too short for a file of their own.
select
    code_list,
    id,
    valid_from,
    valid_to
from {{ ref('short_list') }}
