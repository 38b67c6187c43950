-- What two sources tell differently of one treatment. Infusions of one product no further apart
-- than the seed `tolerance` allows are the same infusion; so are two of different products then,
-- when neither source tells the other's product: that is a conflict about the product. A pharmacy
-- is compared with the registry of its treatment.
{% set fields = [
    'infusion_date', 'order_date', 'apheresis_date', 'decision_date', 'product', 'indication', 'line',
    'crs_grade', 'icans_grade'
] -%}
with

-- A treatment of one source beside each of the other's that could be the same.
pairs as (
    select
        used.patient_id,
        used.source,
        used.treatment_id,
        other.source as other_source,
        other.treatment_id as other_treatment_id,
        case when used.product = other.product then 0 else 1 end as is_other_product,
        {% for field in fields -%}
        cast(used.{{ field }} as {{ text_type() }}) as {{ field }},
        cast(other.{{ field }} as {{ text_type() }}) as other_{{ field }},
        {% endfor -%}
        abs({{ days_between('used.infusion_date', 'other.infusion_date') }}) as distance_days
    from {{ ref('int_treatment_claim') }} as used
    inner join {{ ref('int_treatment_claim') }} as other
        on
            used.patient_id = other.patient_id
            and used.source <> other.source
    inner join {{ ref('tolerance') }} as tolerance
        on
            tolerance.id = 'same_infusion'
            and abs({{ days_between('used.infusion_date', 'other.infusion_date') }})
            <= tolerance.value
    where used.product is not null and other.product is not null
),

-- Told to the day by any of the treatments of the other source, it is no conflict.
nearest as (
    select
        *,
        row_number() over (
            partition by patient_id, source, other_source, other_treatment_id
            order by is_other_product, distance_days, treatment_id
        ) as nearest_rank,
        min(is_other_product) over (
            partition by patient_id, source, treatment_id, other_source
        ) as is_product_told_by_none
    from pairs
),

told as (
    {% for field in fields -%}
    select
        patient_id,
        '{{ field }}' as field,
        source,
        {{ field }} as value,
        other_source,
        other_treatment_id,
        other_{{ field }} as other_value
    from nearest
    where
        nearest_rank = 1
        and is_other_product = {{ 'is_product_told_by_none' if field == 'product' else 0 }}
    {{ 'union all' if not loop.last }}
    {% endfor -%}
),

-- Each source is compared with the one that comes first of those that tell the field.
compared as (
    select
        told.*,
        row_number() over (
            partition by told.patient_id, told.field, told.other_source, told.other_treatment_id
            order by coalesce(used.precedence, 99), told.source
        ) as source_rank
    from told
    left join {{ ref('field_precedence') }} as used
        on
            told.field = used.field
            and used.criterion = concat('source:', told.source)
    left join {{ ref('field_precedence') }} as other
        on
            told.field = other.field
            and other.criterion = concat('source:', told.other_source)
    where
        told.value is not null
        and told.other_value is not null
        and (
            coalesce(used.precedence, 99) < coalesce(other.precedence, 99)
            or (
                coalesce(used.precedence, 99) = coalesce(other.precedence, 99)
                and told.source < told.other_source
            )
        )
),

conflicts as (
    select
        patient_id,
        field,
        source,
        value,
        other_source,
        other_value
    from {{ ref('int_circuit_conflict') }}
    {{ where_changed() }}

    union all

    select
        patient_id,
        field,
        source,
        value,
        other_source,
        other_value
    from compared
    where source_rank = 1 and value <> other_value
),

-- Told of two treatments of a person, it is one conflict.
first_told as (
    select
        *,
        row_number() over (
            partition by patient_id, field, other_source, other_value
            order by source, value
        ) as told_rank
    from conflicts
)

select
    patient_id,
    field,
    source,
    value,
    other_source,
    other_value
from first_told
where told_rank = 1
