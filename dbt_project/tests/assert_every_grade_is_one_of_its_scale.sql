{{ config(severity='warn', meta={'kahn': 'conformance'}) }}

-- A grade that its scale does not have (a CRS of grade 6, a chronic GVHD of grade 4), told by a scale
-- whose grades are listed. Kept as delivered.
select
    events.source,
    events.event_id
from {{ ref('int_event') }} as events
inner join (select distinct grade_scale from {{ ref('grade') }}) as graded
    on events.grade_scale = graded.grade_scale
left join {{ ref('grade') }} as grades
    on
        events.grade_scale = grades.grade_scale
        and events.grade = grades.grade
where events.grade is not null and events.grade <> 0 and grades.grade is null
