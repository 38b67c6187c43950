{{ config(severity='error', meta={'kahn': 'conformance'}) }}

-- The rules are read by people and by SQL: a word no model knows would censor nobody, and without
-- the cut-off a follow-up would have no end. A next treatment censors where a study asks for it.
select
    endpoints.endpoint,
    'the cut-off does not always censor' as finding
from {{ ref('endpoints') }} as endpoints
left join {{ ref('endpoint_censoring') }} as rules
    on
        endpoints.endpoint = rules.endpoint
        and rules.takes = 'cut_off'
        and rules.applies = 'always'
where rules.endpoint is null

union all

select
    rules.endpoint,
    rules.takes as finding
from {{ ref('endpoint_censoring') }} as rules
left join {{ ref('endpoints') }} as endpoints
    on rules.endpoint = endpoints.endpoint
where
    endpoints.endpoint is null
    or rules.precedence not between 1 and 99
    or rules.censoring_reason not in ('administrative', 'last_contact', 'next_treatment')
    or not (
        (rules.applies = 'always' and rules.takes in ('cut_off', 'last_known'))
        or (rules.applies = 'option' and rules.takes = 'next_treatment')
    )

union all

select
    events.follow_up_of as endpoint,
    events.event_type as finding
from {{ ref('annualised_event') }} as events
left join {{ ref('endpoints') }} as endpoints
    on events.follow_up_of = endpoints.endpoint
where endpoints.endpoint is null
