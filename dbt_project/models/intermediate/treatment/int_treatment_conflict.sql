-- Dates of one treatment that two sources tell differently: two infusions of one product no
-- further apart than the seed `tolerance` allows are the same infusion; a pharmacy is compared with
-- the registry of its treatment.
with

ranked as (
    select
        treatments.*,
        row_number() over (
            partition by treatments.patient_id, treatments.product
            order by coalesce(rules.precedence, 99), treatments.source, treatments.treatment_number
        ) as source_rank
    from {{ ref('int_treatment') }} as treatments
    left join {{ ref('field_precedence') }} as rules
        on
            rules.field = 'infusion_date'
            and rules.criterion = concat('source:', treatments.source)
    where treatments.infusion_date is not null
),

-- Told to the day by any of the treatments of the other source, it is no conflict.
nearest as (
    select
        used.patient_id,
        used.source,
        used.infusion_date,
        other.source as other_source,
        other.infusion_date as other_date,
        row_number() over (
            partition by other.source, other.patient_id, other.treatment_id, used.source
            order by
                abs({{ days_between('used.infusion_date', 'other.infusion_date') }}),
                used.treatment_id
        ) as nearest_rank
    from ranked as used
    inner join ranked as other
        on
            used.patient_id = other.patient_id
            and used.product = other.product
            and used.source <> other.source
            and used.source_rank < other.source_rank
    inner join {{ ref('tolerance') }} as tolerance
        on
            tolerance.id = 'same_infusion'
            and abs({{ days_between('used.infusion_date', 'other.infusion_date') }})
            <= tolerance.value
)

select
    patient_id,
    field,
    source,
    value,
    other_source,
    other_value
from {{ ref('int_circuit_conflict') }}
{{ where_changed() }}

union

select
    patient_id,
    'infusion_date' as field,
    source,
    cast(infusion_date as {{ text_type() }}) as value,
    other_source,
    cast(other_date as {{ text_type() }}) as other_value
from nearest
where nearest_rank = 1 and infusion_date <> other_date
