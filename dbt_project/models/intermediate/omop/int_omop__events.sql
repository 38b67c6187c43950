-- Events are conditions and graded observations whose source value the contract maps to a type of
-- event, progressions among the episodes, and treatment regimens that start after an infusion.
-- Rows of different tables may have one number, so an event is known by what it tells.
with

mapped as (
    select
        {{ code_key('code') }} as code_key,
        min(code) as code
    from {{ ref('stg_deliveries__code_map') }}
    where source = 'omop' and code_list = 'event_type'
    group by {{ code_key('code') }}
),

first_infusion as (
    select
        delivery_date,
        patient_id,
        min(infusion_date) as infusion_date
    from {{ ref('int_omop__advanced_therapies') }}
    group by delivery_date, patient_id
),

told as (
    select
        conditions.source,
        conditions.patient_id,
        mapped.code as event_type,
        conditions.condition_start_date as event_date,
        cast(null as integer) as grade,
        cast(null as {{ text_type() }}) as grade_scale,
        conditions.delivery_date,
        conditions.delivered_file,
        conditions.delivered_row
    from {{ ref('stg_omop__condition_occurrence') }} as conditions
    inner join mapped
        on {{ code_key('conditions.condition_code') }} = mapped.code_key

    union all

    select
        observations.source,
        observations.patient_id,
        mapped.code as event_type,
        observations.observation_date as event_date,
        cast(observations.value_number as integer) as grade,
        'astct_2019' as grade_scale,
        observations.delivery_date,
        observations.delivered_file,
        observations.delivered_row
    from {{ ref('stg_omop__observation') }} as observations
    inner join mapped
        on {{ code_key('observations.observation_code') }} = mapped.code_key
    where coalesce(observations.value_number, 1) > 0

    union all

    select
        episodes.source,
        episodes.patient_id,
        case when episodes.kind = 'progression' then 'progression' else 'next_treatment' end
            as event_type,
        episodes.episode_start_date as event_date,
        cast(null as integer) as grade,
        cast(null as {{ text_type() }}) as grade_scale,
        episodes.delivery_date,
        episodes.delivered_file,
        episodes.delivered_row
    from {{ ref('int_omop__episodes') }} as episodes
    left join first_infusion
        on
            episodes.delivery_date = first_infusion.delivery_date
            and episodes.patient_id = first_infusion.patient_id
    where
        episodes.kind = 'progression'
        or (
            episodes.kind = 'treatment_regimen'
            and episodes.episode_start_date > first_infusion.infusion_date
        )
)

select
    source,
    cast(null as {{ text_type() }}) as event_id,
    patient_id,
    cast(null as {{ text_type() }}) as treatment_id,
    event_type,
    event_date,
    grade,
    grade_scale,
    cast(null as {{ text_type() }}) as detail,
    delivery_date,
    delivered_file,
    delivered_row
from told
where event_date is not null
