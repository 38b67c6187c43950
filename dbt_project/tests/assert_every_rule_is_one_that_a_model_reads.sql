{{ config(severity='error', meta={'kahn': 'conformance'}) }}

-- A trace that no model tells, or a word no model knows, would prove nobody alive; a tolerance that
-- is missing would compare nothing.
select
    trace as rule,
    role as finding
from {{ ref('last_contact_trace') }}
where
    trace not in (
        'status_report', 'event', 'assessment', 'treatment',
        'registration', 'questionnaire', 'observation', 'stay'
    )
    or role not in ('delivered', 'extends', 'fallback')
    or after_delivery not in ('cut', 'ignored')

union all

select
    read_by_models.id as rule,
    'no tolerance' as finding
from (
    select 'same_infusion' as id
    union all
    select 'circuit_treatment' as id
) as read_by_models
left join {{ ref('tolerance') }} as tolerance
    on
        read_by_models.id = tolerance.id
        and tolerance.unit = 'days'
        and tolerance.value >= 0
where tolerance.id is null
