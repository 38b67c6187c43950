select
    who.person_id,
    min(patient.death_date) as death_date,
    {registry} as death_type_concept_id,
    case when min(patient.death_cause) is not null then 0 end as cause_concept_id,
    min(patient.death_cause) as cause_source_value,
    case when min(patient.death_cause) is not null then 0 end as cause_source_concept_id
from mart_patient as patient
inner join known_patient as who on patient.patient_id = who.patient_id
where patient.death_date is not null
group by who.person_id
order by who.person_id
