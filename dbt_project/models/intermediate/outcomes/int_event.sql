-- Dated events with their type mapped. A source that tells an event again in every period tells it
-- once here: same person, type, date, grade and detail are one event. An event without a treatment
-- belongs to the last infusion of the person on or before it.
with

delivered as (
    select
        *,
        -- A source without event identifiers is known by what it tells.
        coalesce(
            event_id,
            {{ surrogate_key(
                ['patient_id', 'treatment_id', 'event_type', 'event_date', 'grade', 'detail']
            ) }}
        ) as event_key
    from {{ ref('int_delivered_events') }}
),

latest as (
    {{ latest_copy('delivered', ['source', 'event_key']) }}
),

mapped as (
    select
        latest.source,
        latest.patient_id,
        latest.treatment_id,
        latest.event_key,
        event_type.mapped_code as event_type,
        latest.event_date,
        latest.grade,
        scale.mapped_code as grade_scale,
        latest.detail
    from latest
    {{ join_code('event_type', 'event_type', 'latest', 'event_type') }}
    {{ join_code('scale', 'grade_scale', 'latest', 'grade_scale') }}
    where latest.event_date is not null and latest.event_type is not null
),

last_infusion as (
    select
        mapped.source,
        mapped.event_key,
        {{ first_by(
            'treatments.treatment_id',
            '-treatments.treatment_number'
        ) }} as treatment_id
    from mapped
    inner join {{ ref('int_treatment') }} as treatments
        on
            mapped.source = treatments.source
            and mapped.patient_id = treatments.patient_id
            and mapped.event_date >= treatments.infusion_date
    where mapped.treatment_id is null
    group by mapped.source, mapped.event_key
)

select
    mapped.source,
    mapped.patient_id,
    coalesce(mapped.treatment_id, last_infusion.treatment_id) as treatment_id,
    min(mapped.event_key) as event_id,
    mapped.event_type,
    mapped.event_date,
    mapped.grade,
    min(mapped.grade_scale) as grade_scale,
    mapped.detail
from mapped
left join last_infusion
    on
        mapped.source = last_infusion.source
        and mapped.event_key = last_infusion.event_key
group by
    mapped.source,
    mapped.patient_id,
    coalesce(mapped.treatment_id, last_infusion.treatment_id),
    mapped.event_type,
    mapped.event_date,
    mapped.grade,
    mapped.detail
