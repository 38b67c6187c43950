-- When a person was last known alive, by the seed `last_contact_trace`: a delivered last contact is
-- extended by some traces that follow it; without one, it is the latest trace of any kind. A trace
-- dated after its own delivery is impossible: it is cut at the delivery or ignored. Persons are the
-- same under the same identifier in every source.
with

trace as (
    select
        source,
        patient_id,
        'status_report' as kind,
        last_contact_date as trace_date
    from {{ ref('int_delivered_status_reports') }}

    union all

    select
        source,
        patient_id,
        'event' as kind,
        event_date as trace_date
    from {{ ref('int_event') }}
    where event_type <> 'death'

    union all

    select
        source,
        patient_id,
        'assessment' as kind,
        assessment_date as trace_date
    from {{ ref('int_assessment') }}

    union all

    select
        source,
        patient_id,
        'treatment' as kind,
        greatest(decision_date, order_date, apheresis_date, infusion_date) as trace_date
    from {{ ref('int_treatment') }}

    union all

    select
        source,
        patient_id,
        'registration' as kind,
        registration_date as trace_date
    from {{ ref('int_patient') }}

    union all

    select
        source,
        patient_id,
        'questionnaire' as kind,
        completed_date as trace_date
    from {{ ref('int_questionnaire_form') }}
    where n_items_answered > 0

    union all

    select
        source,
        patient_id,
        'observation' as kind,
        cast(observed_at as date) as trace_date
    from {{ ref('int_delivered_observations') }}

    union all

    select
        source,
        patient_id,
        'stay' as kind,
        coalesce(discharge_date, admission_date) as trace_date
    from {{ ref('int_delivered_stays') }}
),

possible as (
    select
        trace.patient_id,
        rules.role,
        least(trace.trace_date, sources.delivery_date) as trace_date
    from trace
    inner join {{ ref('last_contact_trace') }} as rules
        on trace.kind = rules.trace
    left join {{ ref('stg_deliveries__source_registry') }} as sources
        on trace.source = sources.source
    where
        trace.trace_date is not null
        and (
            rules.after_delivery = 'cut'
            or trace.trace_date <= coalesce(sources.delivery_date, trace.trace_date)
        )
),

summed as (
    select
        patient_id,
        max(case when role = 'delivered' then trace_date end) as delivered_date,
        max(case when role in ('delivered', 'extends') then trace_date end) as extended_date,
        max(trace_date) as any_date
    from possible
    group by patient_id
)

select
    patient_id,
    case when delivered_date is null then any_date else extended_date end as last_contact_date,
    delivered_date is null as last_contact_imputed
from summed
