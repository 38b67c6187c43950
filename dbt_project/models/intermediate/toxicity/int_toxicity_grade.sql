-- The grade the components of a toxicity amount to (ASTCT 2019): the worst component counts. CRS
-- starts with a fever, and needs none afterwards, since antipyretics and tocilizumab take it away;
-- before it nothing is CRS, and without any reading of it nobody can tell. A death of the toxicity
-- within its window is grade 5.
with

onset as (
    select
        source,
        patient_id,
        treatment_id,
        toxicity,
        count(case when role = 'onset' then grade end) as n_onset_readings,
        min(case when role = 'onset' and grade >= 1 then observed_date end) as onset_date
    from {{ ref('int_toxicity_component') }}
    group by source, patient_id, treatment_id, toxicity
),

worst as (
    select
        onset.source,
        onset.patient_id,
        onset.treatment_id,
        onset.toxicity,
        min(toxicities.window_days) as window_days,
        case
            when not min(toxicities.needs_onset) then max(components.grade)
            when min(onset.n_onset_readings) = 0 then null
            when min(onset.onset_date) is null then 0
            else max(case
                when components.observed_date >= onset.onset_date then components.grade
            end)
        end as grade
    from onset
    inner join {{ ref('int_toxicity_component') }} as components
        on
            onset.source = components.source
            and onset.patient_id = components.patient_id
            and onset.treatment_id = components.treatment_id
            and onset.toxicity = components.toxicity
    inner join {{ ref('graded_toxicity') }} as toxicities
        on onset.toxicity = toxicities.id
    group by onset.source, onset.patient_id, onset.treatment_id, onset.toxicity
)

select
    worst.source,
    worst.patient_id,
    worst.treatment_id,
    worst.toxicity,
    cast(case
        when
            person.death_cause = worst.toxicity
            and {{ days_between('treatments.infusion_date', 'person.death_date') }}
            between 0 and worst.window_days
            then 5
        else worst.grade
    end as integer) as derived_grade
from worst
inner join {{ ref('int_treatment') }} as treatments
    on
        worst.source = treatments.source
        and worst.patient_id = treatments.patient_id
        and worst.treatment_id = treatments.treatment_id
left join {{ ref('int_person') }} as person
    on worst.patient_id = person.patient_id
