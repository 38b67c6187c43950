-- A date counts unless its yes-or-no column denies it.
with

cohort as (
    select * from {{ source('raw', 'historical_control__cohort') }}
),

reported as (
    select
        'progression' as event_type,
        progression_date as event_date,
        *
    from cohort
    where coalesce(progression, 1) = 1

    union all

    select
        'next_treatment' as event_type,
        next_treatment_date as event_date,
        *
    from cohort
    where coalesce(next_treatment, 1) = 1
)

select
    _source as source,
    cast(null as {{ text_type() }}) as event_id,
    {{ text('patient_id') }} as patient_id,
    {{ text('patient_id') }} as treatment_id,
    event_type,
    cast(event_date as date) as event_date,
    cast(null as integer) as grade,
    cast(null as {{ text_type() }}) as grade_scale,
    cast(null as {{ text_type() }}) as detail,
    cast(_delivery as date) as delivery_date,
    cast(_file as {{ text_type() }}) as delivered_file,
    cast(_row as bigint) as delivered_row
from reported
where event_date is not null
