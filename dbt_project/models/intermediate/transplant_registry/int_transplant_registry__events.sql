-- Each episode is an event on the day of its onset, with the highest grade of its course.
select
    source,
    event_id,
    patient_id,
    treatment_id,
    event_type,
    onset_date as event_date,
    grade,
    case
        when event_type in ('crs', 'icans') then 'astct_2019'
        when event_type = 'acute_gvhd' then 'magic'
        when event_type = 'chronic_gvhd' then 'nih_2014'
        when grade is not null then 'ctcae_5'
    end as grade_scale,
    cast(null as {{ text_type() }}) as detail,
    delivery_date,
    delivered_file,
    delivered_row
from {{ ref('int_transplant_registry__episodes') }}
