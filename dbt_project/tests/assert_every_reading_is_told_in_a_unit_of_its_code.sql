{{ config(severity='warn', meta={'kahn': 'plausibility'}) }}

-- A number without a unit, or in one that its measurement does not have (seed `observation_code`).
select
    readings.source,
    readings.patient_id,
    readings.observation_code,
    readings.observed_at
from {{ ref('observation') }} as readings
inner join {{ ref('observation_code') }} as codes
    on readings.observation_code = codes.id
where
    codes.units is not null
    and readings.value_number is not null
    -- Taking the unit out of the list leaves the list as it was: it is not there.
    and replace(
        concat(' ', codes.units, ' '),
        concat(' ', coalesce({{ code_key('readings.unit') }}, '?'), ' '),
        ''
    ) = concat(' ', codes.units, ' ')
