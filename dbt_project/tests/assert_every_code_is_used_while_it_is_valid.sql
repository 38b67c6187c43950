{{ config(severity='warn', meta={'kahn': 'plausibility'}) }}

-- A code is read whatever the day, because dropping it would drop a person; a use outside the
-- validity of what the code means, or of the code delivered for it, is counted here. The day is that
-- of the fact coded; of a treatment that of the infusion, else of the step before it that has one.
{% set treated = 'coalesce(infusion_date, apheresis_date, order_date, decision_date)' -%}
{% set uses = [
    ('product_code', 'treatments', 'product_code', treated),
    ('product_code', 'product_orders', 'product_code', 'order_date'),
    ('indication_code', 'treatments', 'indication_code', treated),
    ('not_infused_reason', 'treatments', 'not_infused_reason', treated),
    ('batch_outcome', 'treatments', 'batch_outcome', treated),
    ('event_type', 'events', 'event_type', 'event_date'),
    ('grade_scale', 'events', 'grade_scale', 'event_date'),
    ('criteria', 'assessments', 'criteria', 'assessment_date'),
    ('response', 'assessments', 'response', 'assessment_date'),
    ('death_cause', 'status_reports', 'death_cause', 'death_date'),
    ('observation_code', 'observations', 'code', 'cast(observed_at as date)'),
    ('instrument', 'questionnaires', 'instrument', 'completed_date'),
    ('respondent', 'questionnaires', 'respondent', 'completed_date'),
] -%}
with

used as (
    {% for code_list, table, column, used_date in uses -%}
        {{ used_codes(code_list, ref('int_delivered_' ~ table), column, used_date) }}
        {{ 'union all' if not loop.last }}
    {% endfor %}
),

validity as (
    select
        code_list,
        id,
        cast(null as {{ text_type() }}) as code_key,
        valid_from,
        valid_to
    from {{ ref('int_code_list') }}

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
    used.code_list,
    used.code,
    used.used_date
from used
inner join {{ ref('int_code') }} as codes
    on
        used.source = codes.source
        and used.code_list = codes.code_list
        and used.code = codes.code
inner join validity
    on
        codes.code_list = validity.code_list
        and codes.mapped_code = validity.id
        and {{ code_key('used.code') }}
        = coalesce(validity.code_key, {{ code_key('used.code') }})
where
    used.used_date < validity.valid_from
    or used.used_date > validity.valid_to
