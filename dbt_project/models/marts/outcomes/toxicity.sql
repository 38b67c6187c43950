-- Events of the category toxicity in the seed `event_type`. Sources that report in periods tell
-- when an episode ended.
select
    events.source,
    events.patient_id,
    events.treatment_id,
    events.event_id,
    events.event_type,
    events.event_date,
    events.grade,
    events.grade_scale,
    {{ days_between('treatments.infusion_date', 'events.event_date') }} as days_from_infusion,
    episodes.resolution_date,
    episodes.n_reports
from {{ ref('int_event') }} as events
inner join {{ ref('event_type') }} as event_types
    on
        events.event_type = event_types.id
        and event_types.category = 'toxicity'
left join {{ ref('int_treatment') }} as treatments
    on
        events.source = treatments.source
        and events.patient_id = treatments.patient_id
        and events.treatment_id = treatments.treatment_id
left join {{ ref('int_delivered_episodes') }} as episodes
    on
        events.source = episodes.source
        and events.event_id = episodes.event_id
