-- Days of intensive care are those of the stay in such a unit (REA), not those in continuous care
-- (USC); a unit told twice counts once.
with

units as (
    select
        {{ text('stay_id') }} as stay_id,
        sum(days) as icu_days
    from (
        select distinct
            stay_id,
            unit_type,
            days
        from {{ source('raw', 'pmsi__units') }}
        where upper(trim(unit_type)) = 'REA'
    ) as told
    group by {{ text('stay_id') }}
)

select
    stays._source as source,
    {{ text('stays.patient_id') }} as patient_id,
    cast(stays.admission_date as date) as admission_date,
    cast(stays.discharge_date as date) as discharge_date,
    {{ text('stays.ghm') }} as ghm,
    cast(stays.cost_eur as double) as cost_eur,
    cast(coalesce(units.icu_days, 0) as double) as icu_days,
    cast(stays._delivery as date) as delivery_date,
    cast(stays._file as {{ text_type() }}) as delivered_file,
    cast(stays._row as bigint) as delivered_row
from {{ source('raw', 'pmsi__stays') }} as stays
left join units
    on {{ text('stays.stay_id') }} = units.stay_id
