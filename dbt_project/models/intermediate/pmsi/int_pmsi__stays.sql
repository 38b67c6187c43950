-- Days of intensive care are those of the stay in such a unit (REA), not those in continuous care
-- (USC); a unit told twice counts once.
with

units as (
    select
        stay_id,
        sum(days) as icu_days
    from (
        select distinct
            stay_id,
            unit_type,
            days
        from {{ ref('stg_pmsi__units') }}
        where upper(unit_type) = 'REA'
    ) as told
    group by stay_id
)

select
    stays.source,
    stays.patient_id,
    stays.admission_date,
    stays.discharge_date,
    stays.ghm,
    stays.cost_eur,
    cast(coalesce(units.icu_days, 0) as double) as icu_days,
    stays.delivery_date,
    stays.delivered_file,
    stays.delivered_row
from {{ ref('stg_pmsi__stays') }} as stays
left join units
    on stays.stay_id = units.stay_id
