{{ config(severity='error', meta={'kahn': 'conformance'}) }}

-- The grading rules are read by people and by SQL: each row names a toxicity that is an event type,
-- a listed observation, and either a word or a range.
select
    rules.toxicity,
    rules.observation_code
from {{ ref('toxicity_component') }} as rules
left join {{ ref('graded_toxicity') }} as toxicities
    on rules.toxicity = toxicities.id
left join {{ ref('event_type') }} as event_types
    on rules.toxicity = event_types.id
left join {{ ref('observation_code') }} as codes
    on rules.observation_code = codes.id
where
    toxicities.id is null
    or event_types.id is null
    or codes.id is null
    or rules.role not in ('onset', 'severity')
    or (rules.answer is null) = (rules.least is null)
    or coalesce(rules.least > rules.most, rules.answer is null)
    or rules.grade not between 0 and 4
