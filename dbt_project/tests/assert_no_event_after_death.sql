{{ config(severity='warn', meta={'kahn': 'plausibility'}) }}

select
    events.source,
    events.event_id
from {{ ref('int_event') }} as events
inner join {{ ref('int_person') }} as person
    on events.patient_id = person.patient_id
where
    not person.death_date_imputed
    and events.event_date > person.death_date
