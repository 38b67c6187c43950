-- The reported grade beside the one derived from components. The reported one is the evidence of
-- the endpoints; this table says how far it can be followed.
with

reported as (
    select
        events.source,
        events.patient_id,
        events.treatment_id,
        events.event_type as toxicity,
        -- A grade of another scale is no ASTCT grade.
        max(case
            when coalesce(events.grade_scale, 'astct_2019') = 'astct_2019'
                then events.grade
        end) as grade
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
),

compared as (
    select
        derived.source,
        derived.patient_id,
        derived.treatment_id,
        derived.toxicity,
        case when reported.toxicity is null then 0 else reported.grade end as reported_grade,
        derived.derived_grade
    from {{ ref('int_toxicity_grade') }} as derived
    left join reported
        on
            derived.source = reported.source
            and derived.patient_id = reported.patient_id
            and derived.treatment_id = reported.treatment_id
            and derived.toxicity = reported.toxicity
)

select
    source,
    patient_id,
    treatment_id,
    toxicity,
    reported_grade,
    derived_grade,
    case
        when reported_grade is null or derived_grade is null then 'not_comparable'
        when reported_grade = derived_grade then 'agree'
        when reported_grade > derived_grade then 'reported_higher'
        else 'derived_higher'
    end as agreement
from compared
