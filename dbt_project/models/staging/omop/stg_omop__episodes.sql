-- Episodes by kind: of the standard concept, or, without one, of the source value that the contract
-- maps to an event.
select
    episodes._source as source,
    {{ text('episodes.person_id') }} as patient_id,
    coalesce(concepts.code, events.mapped_code) as kind,
    cast(episodes.episode_start_date as date) as episode_start_date,
    cast(episodes.episode_end_date as date) as episode_end_date,
    cast(episodes.episode_number as integer) as episode_number,
    cast(episodes._delivery as date) as delivery_date,
    cast(episodes._file as {{ text_type() }}) as delivered_file,
    cast(episodes._row as bigint) as delivered_row
from {{ source('raw', 'omop__episode') }} as episodes
left join {{ ref('omop_concept') }} as concepts
    on
        concepts.code_list = 'episode'
        and episodes.episode_concept_id = concepts.concept_id
left join {{ ref('stg_deliveries__code_map') }} as events
    on
        events.source = 'omop'
        and events.code_list = 'event_type'
        and {{ code_key('episodes.episode_source_value') }} = {{ code_key('events.code') }}
