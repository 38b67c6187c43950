-- An ECOG of 9 says that it is unknown: only grades of the scale are values.
with

cohort as (
    select * from {{ source('raw', 'historical_control__cohort') }}
),

named as (
    select
        'ecog' as name,
        cast(ecog as {{ text_type() }}) as value,
        *
    from cohort
    where ecog between 0 and 5

    union all

    select
        'ldh_ratio' as name,
        cast(
            cast(ldh as double) / nullif(cast(ldh_upper_limit as double), 0)
            as {{ text_type() }}
        ) as value,
        *
    from cohort

    union all

    select
        'bulky' as name,
        cast(bulky as {{ text_type() }}) as value,
        *
    from cohort

    union all

    select
        'ipi' as name,
        cast(ipi as {{ text_type() }}) as value,
        *
    from cohort
)

select
    _source as source,
    {{ text('patient_id') }} as patient_id,
    {{ text('patient_id') }} as treatment_id,
    name,
    {{ text('value') }} as value,
    cast(null as date) as measured_date,
    cast(_delivery as date) as delivery_date,
    cast(_file as {{ text_type() }}) as delivered_file,
    cast(_row as bigint) as delivered_row
from named
where {{ text('value') }} is not null
