-- Persons as each source knows them; one who is only in the treatment table is kept, without
-- characteristics.
with

delivered as (
    {{ latest_copy(ref('int_delivered_patients'), ['source', 'patient_id']) }}
),

known as (
    select
        source,
        patient_id
    from delivered

    union

    select
        source,
        patient_id
    from {{ ref('int_treatment') }}
)

select
    known.source,
    known.patient_id,
    case when sex.is_known then sex.mapped_code else 'U' end as sex,
    delivered.birth_year,
    delivered.birth_month,
    delivered.residence_department,
    delivered.registration_date
from known
left join delivered
    on
        known.source = delivered.source
        and known.patient_id = delivered.patient_id
{{ join_code('sex', 'sex', 'delivered', 'sex') }}
