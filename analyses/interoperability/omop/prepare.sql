-- The persons and facts that the tables are made of; statements end with a semicolon.
-- A person whom several sources know is one: the marts know them by one patient_id. Without a year of birth the model has no place for a
-- person: they are left out, with everything told of them, and counted.
create or replace temp table known_person as
with spoken as (
    select
        patient_id as person_key,
        coalesce(arg_min(sex, source) filter (where sex in ('F', 'M')), 'U') as sex,
        arg_min(birth_year, source) filter (where birth_year is not null) as birth_year,
        arg_min(birth_month, source) filter (where birth_year is not null) as birth_month,
        arg_min(residence_department, source) filter (where residence_department is not null)
            as residence_department
    from mart_patient
    group by patient_id
)

select row_number() over (order by person_key) as person_id, *
from spoken
where birth_year is not null;

create or replace temp table known_patient as
select person_key as patient_id, person_id
from known_person;

create or replace temp table treated as
select
    who.person_id,
    treatment.*,
    least(
        treatment.decision_date,
        treatment.order_date,
        treatment.apheresis_date,
        treatment.infusion_date
    ) as first_date
from mart_treatment as treatment
inner join known_patient as who on treatment.patient_id = who.patient_id;

-- The same event told by two sources is one.
create or replace temp table happened as
select
    who.person_id,
    event.event_type,
    any_value(event.category) as category,
    event.event_date,
    event.grade,
    event.grade_scale,
    min(event.source || '|' || event.event_id) as event_key
from mart_clinical_event as event
inner join known_patient as who on event.patient_id = who.patient_id
group by who.person_id, event.event_type, event.event_date, event.grade, event.grade_scale;

-- A characteristic without a day of its own is of the first step of its treatment, else of the
-- person's first treatment.
create or replace temp table measured as
with first_step as (
    select person_id, min(first_date) as first_date
    from treated
    group by person_id
)

select
    who.person_id,
    cast(observation.observed_at as date) as measured_on,
    observation.observed_at as measured_at,
    observation.observation_code as source_value,
    observation.value_number as number,
    observation.value_text,
    observation.unit,
    {registry} as type_concept_id,
    'observation' as origin
from mart_observation as observation
inner join known_patient as who on observation.patient_id = who.patient_id

union all

select distinct
    who.person_id,
    coalesce(covariate.measured_date, treated.first_date, first_step.first_date) as measured_on,
    null as measured_at,
    covariate.name as source_value,
    covariate.value_number as number,
    covariate.value_text,
    null as unit,
    {registry} as type_concept_id,
    'covariate' as origin
from mart_covariate as covariate
inner join known_patient as who on covariate.patient_id = who.patient_id
left join treated
    on covariate.source = treated.source and covariate.treatment_id = treated.treatment_id
left join first_step on who.person_id = first_step.person_id
where coalesce(covariate.measured_date, treated.first_date, first_step.first_date) is not null

union all

select
    who.person_id,
    score.completed_date as measured_on,
    null as measured_at,
    concat_ws(':', score.instrument, score.scale, nullif(score.respondent, 'self'))
        as source_value,
    score.value as number,
    null as value_text,
    null as unit,
    {survey} as type_concept_id,
    'score' as origin
from mart_questionnaire_score as score
inner join known_patient as who on score.patient_id = who.patient_id
where score.completed_date is not null and score.value is not null;
