-- The endpoint dictionary applied: what came first ends the clock, else censoring does.
with

endpoints as (
    select
        dictionary.endpoint,
        dictionary.has_competing,
        dictionary.starts_from,
        sets.rule_set
    from {{ ref('endpoints') }} as dictionary
    inner join {{ ref('int_censoring_set') }} as sets
        on dictionary.endpoint = sets.endpoint
),

started as (
    select
        starts.*,
        censoring.censoring_date,
        censoring.censoring_reason,
        endpoints.endpoint,
        endpoints.has_competing,
        found.first_key
    from {{ ref('int_index') }} as starts
    inner join {{ ref('int_censoring') }} as censoring
        on starts.index_number = censoring.index_number
    inner join endpoints
        on
            censoring.rule_set = endpoints.rule_set
            and endpoints.starts_from = 'clock'
    left join {{ ref('int_first_evidence') }} as found
        on
            starts.index_number = found.index_number
            and endpoints.endpoint = found.endpoint

    union all

    select
        starts.*,
        censoring.censoring_date,
        censoring.censoring_reason,
        endpoints.endpoint,
        endpoints.has_competing,
        found.first_key
    from {{ ref('int_responder_index') }} as starts
    inner join {{ ref('int_censoring') }} as censoring
        on starts.index_number = censoring.index_number
    inner join endpoints
        on
            censoring.rule_set = endpoints.rule_set
            and endpoints.starts_from = 'first_response'
    left join {{ ref('int_first_evidence_of_responders') }} as found
        on
            starts.index_number = found.index_number
            and endpoints.endpoint = found.endpoint
),

ended as (
    select
        started.*,
        dictionary.role,
        dictionary.component,
        case
            when dictionary.role is null
                then {{ days_between('started.start_date', 'started.censoring_date') }}
            else cast(floor(started.first_key / 100.0) as integer)
        end as time_days
    from started
    left join {{ ref('endpoint_evidence') }} as dictionary
        on
            started.endpoint = dictionary.endpoint
            -- The precedence within the day; the shift keeps a day before the start positive.
            and mod(started.first_key + 1000000000, 100) = dictionary.precedence
)

select
    source,
    patient_id,
    treatment_id,
    endpoint,
    analysis_set,
    start_date,
    {{ days_after('start_date', 'time_days') }} as end_date,
    greatest(
        coalesce({{ days_between('start_date', 'registration_date') }}, 0), 0
    ) as entry_days,
    time_days,
    case when role = 'own' then 1 else 0 end as event,
    case
        when role is null then null
        when endpoint = 'death_by_cause' then death_cause
        when role = 'own' and has_competing then endpoint
        else component
    end as cause,
    case when role is null then censoring_reason end as censoring_reason,
    coalesce(component = 'death' and death_date_imputed, false) as date_imputed
from ended
