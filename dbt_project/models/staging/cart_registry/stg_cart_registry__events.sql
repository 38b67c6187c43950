-- The registry asks on every form for what happened since the last one; each filled date is an
-- event of its own row here, and is told again by later forms (removed in `int_event`).
-- An event answered `yes` without a date has none, and cannot be placed in time. What is rarer has
-- a form of its own, one row an event.
with

follow_up as (
    select * from {{ source('raw', 'cart_registry__follow_up') }}
),

reported as (
    select
        'progression' as event_type,
        progression_date as event_date,
        null as grade,
        null as grade_scale,
        *
    from follow_up
    where coalesce({{ yes_no('progression') }}, 1) = 1

    union all

    select
        'next_treatment' as event_type,
        next_treatment_date as event_date,
        null as grade,
        null as grade_scale,
        *
    from follow_up
    where coalesce({{ yes_no('next_treatment') }}, 1) = 1

    union all

    select
        'crs' as event_type,
        crs_date as event_date,
        crs_grade as grade,
        'astct_2019' as grade_scale,
        *
    from follow_up
    where coalesce(cast(crs_grade as integer), 1) > 0

    union all

    select
        'icans' as event_type,
        icans_date as event_date,
        icans_grade as grade,
        'astct_2019' as grade_scale,
        *
    from follow_up
    where coalesce(cast(icans_grade as integer), 1) > 0
)

select
    _source as source,
    cast(null as {{ text_type() }}) as event_id,
    {{ text('patient_id') }} as patient_id,
    {{ text('treatment_id') }} as treatment_id,
    event_type,
    cast(event_date as date) as event_date,
    cast(grade as integer) as grade,
    cast(grade_scale as {{ text_type() }}) as grade_scale,
    cast(null as {{ text_type() }}) as detail,
    cast(_delivery as date) as delivery_date,
    cast(_file as {{ text_type() }}) as delivered_file,
    cast(_row as bigint) as delivered_row
from reported
where event_date is not null

union all

select
    _source as source,
    cast(null as {{ text_type() }}) as event_id,
    {{ text('patient_id') }} as patient_id,
    {{ text('treatment_id') }} as treatment_id,
    {{ text('event_type') }} as event_type,
    cast(event_date as date) as event_date,
    cast(null as integer) as grade,
    cast(null as {{ text_type() }}) as grade_scale,
    cast(null as {{ text_type() }}) as detail,
    cast(_delivery as date) as delivery_date,
    cast(_file as {{ text_type() }}) as delivered_file,
    cast(_row as bigint) as delivered_row
from {{ source('raw', 'cart_registry__events') }}
where event_date is not null
