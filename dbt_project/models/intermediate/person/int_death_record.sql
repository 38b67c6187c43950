-- Every date (or its absence) on which a source says that a person died. A row of a form, of the
-- patient table and of the event table are one record when they agree.
-- A record is plausible when its date lies between the last infusion of the person and the
-- delivery that tells it.
with

reported as (
    select
        reports.source,
        reports.patient_id,
        reports.death_date,
        cause.mapped_code as death_cause
    from {{ ref('int_delivered_status_reports') }} as reports
    {{ join_code('status', 'vital_status', 'reports', 'vital_status') }}
    {{ join_code('cause', 'death_cause', 'reports', 'death_cause') }}
    where status.mapped_code = 'dead' or reports.death_date is not null

    union all

    select
        events.source,
        events.patient_id,
        events.event_date as death_date,
        cast(null as {{ text_type() }}) as death_cause
    from {{ ref('int_event') }} as events
    where events.event_type = 'death'
),

last_infusion as (
    select
        patient_id,
        max(infusion_date) as infusion_date
    from {{ ref('int_treatment') }}
    group by patient_id
)

select
    reported.source,
    reported.patient_id,
    reported.death_date,
    min(nullif(reported.death_cause, 'unknown')) as death_cause,
    count(*) as n_reports,
    coalesce(
        reported.death_date <= min(sources.delivery_date)
        and reported.death_date >= coalesce(min(last_infusion.infusion_date), reported.death_date),
        false
    ) as is_plausible
from reported
left join {{ ref('stg_deliveries__source_registry') }} as sources
    on reported.source = sources.source
left join last_infusion
    on reported.patient_id = last_infusion.patient_id
group by reported.source, reported.patient_id, reported.death_date
