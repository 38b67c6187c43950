-- The grade of a toxicity as the source of the treatment reports it: the worst within its window. A
-- grade of another scale is no ASTCT grade: the toxicity is told, without one.
select
    events.source,
    events.patient_id,
    events.treatment_id,
    events.event_type as toxicity,
    max(case
        when coalesce(events.grade_scale, 'astct_2019') = 'astct_2019'
            then events.grade
    end) as reported_grade
from {{ ref('int_event') }} as events
inner join {{ ref('graded_toxicity') }} as toxicities
    on events.event_type = toxicities.id
inner join {{ ref('int_treatment') }} as treatments
    on
        events.source = treatments.source
        and events.patient_id = treatments.patient_id
        and events.treatment_id = treatments.treatment_id
        and {{ days_between('treatments.infusion_date', 'events.event_date') }}
        between 0 and toxicities.window_days
group by events.source, events.patient_id, events.treatment_id, events.event_type
