-- One period a person: from the first day anything is told of them to the last contact or death.
with told as (
    select person_id, drug_exposure_start_date as day from drug_exposure
    union all
    select person_id, condition_start_date from condition_occurrence
    union all
    select person_id, procedure_date from procedure_occurrence
    union all
    select person_id, measurement_date from measurement
    union all
    select person_id, observation_date from observation
    union all
    select person_id, visit_start_date from visit_occurrence
    union all
    select person_id, episode_start_date from episode
    union all
    select who.person_id, patient.registration_date
    from mart_patient as patient
    inner join known_patient as who on patient.patient_id = who.patient_id
),

last_told as (
    select
        who.person_id,
        max(coalesce(patient.death_date, patient.last_contact_date)) as last_date
    from mart_patient as patient
    inner join known_patient as who on patient.patient_id = who.patient_id
    group by who.person_id
),

bounds as (
    select
        last_told.person_id,
        coalesce(min(told.day), last_told.last_date) as first_date,
        last_told.last_date
    from last_told
    left join told on last_told.person_id = told.person_id
    group by last_told.person_id, last_told.last_date
)

select
    row_number() over (order by person_id) as observation_period_id,
    person_id,
    first_date as observation_period_start_date,
    greatest(first_date, last_date) as observation_period_end_date,
    {registry} as period_type_concept_id
from bounds
where first_date is not null
order by observation_period_id
