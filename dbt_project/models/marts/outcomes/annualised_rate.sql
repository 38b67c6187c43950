-- Events a year after the infusion, by the seed `annualised_event`: those of the source that told
-- the infusion, from the day after `from_days` to where an endpoint (`follow_up_of`) is censored.
-- Only sources that ever tell such an event: of the others nobody knows that there was none.
with

tellers as (
    select distinct
        source,
        mapped_code as event_type
    from {{ ref('int_code') }}
    where code_list = 'event_type'
),

observed as (
    select
        starts.source,
        starts.patient_id,
        starts.treatment_id,
        rules.event_type,
        rules.from_days,
        starts.start_date,
        ends.censoring_date,
        {{ days_between('starts.start_date', 'ends.censoring_date') }}
        - rules.from_days as days_observed
    from {{ ref('int_index') }} as starts
    inner join tellers
        on starts.source = tellers.source
    inner join {{ ref('annualised_event') }} as rules
        on tellers.event_type = rules.event_type
    inner join {{ ref('int_censoring_set') }} as sets
        on rules.follow_up_of = sets.endpoint
    inner join {{ ref('int_censoring') }} as ends
        on
            starts.index_number = ends.index_number
            and sets.rule_set = ends.rule_set
    where starts.analysis_set = 'infused'
)

select
    observed.source,
    observed.patient_id,
    observed.treatment_id,
    observed.event_type,
    observed.from_days,
    cast(greatest(observed.days_observed, 0) as integer) as days_observed,
    cast(count(events.event_id) as integer) as n_events,
    case
        when observed.days_observed > 0
            then count(events.event_id) * 365.25 / cast(observed.days_observed as double)
    end as rate_per_year
from observed
left join {{ ref('int_event') }} as events
    on
        observed.source = events.source
        and observed.patient_id = events.patient_id
        and observed.event_type = events.event_type
        and {{ days_between('observed.start_date', 'events.event_date') }} > observed.from_days
        and observed.censoring_date >= events.event_date
group by
    observed.source,
    observed.patient_id,
    observed.treatment_id,
    observed.event_type,
    observed.from_days,
    observed.days_observed
