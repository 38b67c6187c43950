select
    events.source,
    events.patient_id,
    events.treatment_id,
    events.event_id,
    events.event_type,
    event_types.category,
    events.event_date,
    events.grade,
    events.grade_scale
from {{ ref('int_event') }} as events
left join {{ ref('event_type') }} as event_types
    on events.event_type = event_types.id
