-- Components of CRS and ICANS seen after an infusion of CAR-T cells, with the grade each reaches by
-- itself (seed `toxicity_component`). An observation told under a treatment belongs to it; any
-- other one, another source's too, to the last infusion of the person on or before it.
with

observed as (
    select
        observations.*,
        codes.mapped_code as observation_code
    from {{ ref('int_delivered_observations') }} as observations
    inner join {{ ref('int_code') }} as codes
        on
            observations.source = codes.source
            and codes.code_list = 'observation_code'
            and observations.code = codes.code
    where
        codes.mapped_code in (
            select components.observation_code from {{ ref('toxicity_component') }} as components
        )
        and observations.observed_at is not null
        and observations.value is not null
),

latest as (
    {{ latest_delivery(
        'observed',
        ['source', 'patient_id', 'treatment_id', 'observation_code', 'observed_at']
    ) }}
),

contract_map as (
    select
        source,
        {{ code_key('code') }} as value_key,
        min(mapped_code) as mapped_value
    from {{ ref('stg_deliveries__code_map') }}
    where code_list = 'observation_value'
    group by source, {{ code_key('code') }}
),

-- A value is a word of the list, by the contract's map and the aliases, or a number.
valued as (
    select
        latest.source,
        latest.patient_id,
        latest.treatment_id,
        cast(latest.observed_at as date) as observed_date,
        latest.observation_code,
        {{ code_key('coalesce(contract_map.mapped_value, latest.value)') }} as value_key,
        round({{ try_number("replace(latest.value, ',', '.')") }}, 2) as number,
        {{ code_key('latest.unit') }} as unit
    from latest
    left join contract_map
        on
            latest.source = contract_map.source
            and {{ code_key('latest.value') }} = contract_map.value_key
),

infusions as (
    select
        treatments.source,
        treatments.patient_id,
        treatments.treatment_id,
        treatments.infusion_date,
        lead(treatments.infusion_date) over (
            partition by treatments.source, treatments.patient_id
            order by treatments.treatment_number
        ) as next_infusion_date,
        -- A product no list knows may be of CAR-T cells.
        coalesce(products.product_type, 'car_t') as product_type
    from {{ ref('int_treatment') }} as treatments
    left join {{ ref('product') }} as products
        on treatments.product = products.id
    where treatments.infusion_date is not null
),

components as (
    select distinct
        toxicity,
        observation_code,
        role
    from {{ ref('toxicity_component') }}
)

select
    infusions.source,
    infusions.patient_id,
    infusions.treatment_id,
    components.toxicity,
    valued.observed_date,
    valued.observation_code,
    components.role,
    max(grading.grade) as grade,
    cast(sum(case when grading.grade is null then 1 else 0 end) as integer) as n_ungraded
from valued
inner join infusions
    on
        valued.patient_id = infusions.patient_id
        and valued.observed_date >= infusions.infusion_date
        and (
            (
                valued.source = infusions.source
                and valued.treatment_id = infusions.treatment_id
            )
            or (
                (valued.treatment_id is null or valued.source <> infusions.source)
                and (
                    infusions.next_infusion_date is null
                    or valued.observed_date < infusions.next_infusion_date
                )
            )
        )
inner join components
    on valued.observation_code = components.observation_code
inner join {{ ref('graded_toxicity') }} as toxicities
    on components.toxicity = toxicities.id
left join {{ ref('alias') }} as aliases
    on
        aliases.code_list = 'observation_value'
        and valued.value_key = {{ code_key('aliases.alias') }}
left join {{ ref('toxicity_component') }} as grading
    on
        components.toxicity = grading.toxicity
        and components.observation_code = grading.observation_code
        and (
            coalesce(aliases.id, valued.value_key) = grading.answer
            or (
                valued.number between grading.least and grading.most
                and (grading.unit is null or valued.unit = grading.unit)
            )
        )
where
    infusions.product_type = 'car_t'
    and {{ days_between('infusions.infusion_date', 'valued.observed_date') }}
    <= toxicities.window_days
group by
    infusions.source,
    infusions.patient_id,
    infusions.treatment_id,
    components.toxicity,
    valued.observed_date,
    valued.observation_code,
    components.role
