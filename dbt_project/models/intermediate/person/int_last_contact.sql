-- When a person was last known alive. A delivered last contact is extended by a dated clinical
-- event or assessment that follows it; without one, it is the latest trace in any table.
-- A trace dated after its own delivery is impossible: a last contact is cut at the delivery, any
-- other trace is ignored. Persons are the same under the same identifier in every source.
with

trace as (
    select
        source,
        patient_id,
        'last_contact' as kind,
        last_contact_date as trace_date
    from {{ ref('int_delivered_status_reports') }}

    union all

    select
        source,
        patient_id,
        'clinical' as kind,
        event_date as trace_date
    from {{ ref('int_event') }}
    where event_type <> 'death'

    union all

    select
        source,
        patient_id,
        'clinical' as kind,
        assessment_date as trace_date
    from {{ ref('int_assessment') }}

    union all

    select
        source,
        patient_id,
        'other' as kind,
        greatest(decision_date, order_date, apheresis_date, infusion_date) as trace_date
    from {{ ref('int_treatment') }}

    union all

    select
        source,
        patient_id,
        'other' as kind,
        registration_date as trace_date
    from {{ ref('int_patient') }}

    union all

    select
        source,
        patient_id,
        'other' as kind,
        completed_date as trace_date
    from {{ ref('int_questionnaire_form') }}
    where n_items_answered > 0

    union all

    select
        source,
        patient_id,
        'other' as kind,
        cast(observed_at as date) as trace_date
    from {{ ref('int_delivered_observations') }}

    union all

    select
        source,
        patient_id,
        'other' as kind,
        coalesce(discharge_date, admission_date) as trace_date
    from {{ ref('int_delivered_stays') }}
),

possible as (
    select
        trace.patient_id,
        trace.kind,
        least(trace.trace_date, sources.delivery_date) as trace_date
    from trace
    left join {{ ref('stg_deliveries__source_registry') }} as sources
        on trace.source = sources.source
    where
        trace.trace_date is not null
        and (
            trace.kind = 'last_contact'
            or trace.trace_date <= coalesce(sources.delivery_date, trace.trace_date)
        )
),

summed as (
    select
        patient_id,
        max(case when kind = 'last_contact' then trace_date end) as delivered_date,
        max(case when kind in ('last_contact', 'clinical') then trace_date end) as clinical_date,
        max(trace_date) as any_date
    from possible
    group by patient_id
)

select
    patient_id,
    case when delivered_date is null then any_date else clinical_date end as last_contact_date,
    delivered_date is null as last_contact_imputed
from summed
