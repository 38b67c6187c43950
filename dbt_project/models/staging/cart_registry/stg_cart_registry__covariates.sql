-- Characteristics recorded with the treatment. The LDH ratio divides a value by the upper limit of
-- the same laboratory in the same unit, so it needs no unit; the absolute LDH is only kept when its
-- unit is stated.
with

treatments as (
    select * from {{ source('raw', 'cart_registry__treatments') }}
),

named as (
    select
        'ecog' as name,
        cast(ecog as {{ text_type() }}) as value,
        *
    from treatments

    union all

    select
        'ldh_ratio' as name,
        cast(
            cast(ldh as double) / nullif(cast(ldh_upper_limit as double), 0)
            as {{ text_type() }}
        ) as value,
        *
    from treatments

    union all

    select
        'ldh' as name,
        cast(ldh as {{ text_type() }}) as value,
        *
    from treatments
    where lower(trim(ldh_unit)) in ('ui/l', 'iu/l', 'u/l')

    union all

    select
        'bulky' as name,
        cast({{ yes_no('bulky') }} as {{ text_type() }}) as value,
        *
    from treatments

    union all

    select
        'ipi' as name,
        cast(ipi as {{ text_type() }}) as value,
        *
    from treatments
)

select
    _source as source,
    {{ text('patient_id') }} as patient_id,
    {{ text('treatment_id') }} as treatment_id,
    name,
    {{ text('value') }} as value,
    cast(null as date) as measured_date,
    cast(_delivery as date) as delivery_date,
    cast(_file as {{ text_type() }}) as delivered_file,
    cast(_row as bigint) as delivered_row
from named
where {{ text('value') }} is not null
