-- An observation told again by a later delivery replaces the earlier one; several values of one
-- moment in one delivery stay.
with

observed as (
    select
        observations.source,
        observations.patient_id,
        observations.treatment_id,
        codes.mapped_code as observation_code,
        observations.observed_at,
        observations.value,
        observations.unit,
        observations.delivery_date
    from {{ ref('int_delivered_observations') }} as observations
    inner join {{ ref('int_code') }} as codes
        on
            observations.source = codes.source
            and codes.code_list = 'observation_code'
            and observations.code = codes.code
    where observations.observed_at is not null and observations.value is not null
),

latest as (
    {{ latest_delivery(
        'observed',
        ['source', 'patient_id', 'treatment_id', 'observation_code', 'observed_at']
    ) }}
)

select distinct
    source,
    patient_id,
    treatment_id,
    observation_code,
    observed_at,
    value as value_text,
    {{ try_number('value') }} as value_number,
    unit
from latest
