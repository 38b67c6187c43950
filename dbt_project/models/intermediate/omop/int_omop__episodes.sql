-- Episodes by kind: of the standard concept, or, without one, of the source value that the contract
-- maps to an event.
select
    episodes.source,
    episodes.patient_id,
    coalesce(concepts.code, events.mapped_code) as kind,
    episodes.episode_start_date,
    episodes.episode_end_date,
    episodes.episode_number,
    episodes.delivery_date,
    episodes.delivered_file,
    episodes.delivered_row
from {{ ref('stg_omop__episode') }} as episodes
left join {{ ref('omop_concept') }} as concepts
    on
        concepts.code_list = 'episode'
        and episodes.episode_concept_id = concepts.concept_id
left join {{ ref('stg_deliveries__code_map') }} as events
    on
        events.source = 'omop'
        and events.code_list = 'event_type'
        and {{ code_key('episodes.episode_source_value') }} = {{ code_key('events.code') }}
