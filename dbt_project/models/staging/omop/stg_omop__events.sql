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
    from {{ ref('stg_omop__advanced_therapies') }}
    group by delivery_date, patient_id
),

told as (
    select
        conditions._source as source,
        {{ text('conditions.person_id') }} as patient_id,
        mapped.code as event_type,
        cast(conditions.condition_start_date as date) as event_date,
        cast(null as integer) as grade,
        cast(null as {{ text_type() }}) as grade_scale,
        cast(conditions._delivery as date) as delivery_date,
        cast(conditions._file as {{ text_type() }}) as delivered_file,
        cast(conditions._row as bigint) as delivered_row
    from {{ source('raw', 'omop__condition_occurrence') }} as conditions
    inner join mapped
        on {{ code_key('conditions.condition_source_value') }} = mapped.code_key

    union all

    select
        observations._source as source,
        {{ text('observations.person_id') }} as patient_id,
        mapped.code as event_type,
        cast(observations.observation_date as date) as event_date,
        cast(observations.value_as_number as integer) as grade,
        'astct_2019' as grade_scale,
        cast(observations._delivery as date) as delivery_date,
        cast(observations._file as {{ text_type() }}) as delivered_file,
        cast(observations._row as bigint) as delivered_row
    from {{ source('raw', 'omop__observation') }} as observations
    inner join mapped
        on {{ code_key('observations.observation_source_value') }} = mapped.code_key
    where coalesce(observations.value_as_number, 1) > 0

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
    from {{ ref('stg_omop__episodes') }} as episodes
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
