-- Hospital stays, with the diagnosis-related group as source value. The same stay told by two
-- sources (same person, admission and group) is one.
select
    row_number() over (order by person_id, visit_start_date, visit_source_value) as visit_occurrence_id,
    person_id,
    {inpatient_visit} as visit_concept_id,
    visit_start_date,
    visit_end_date,
    {registry} as visit_type_concept_id,
    visit_source_value,
    0 as visit_source_concept_id
from (
    select
        who.person_id,
        stay.admission_date as visit_start_date,
        max(coalesce(stay.discharge_date, stay.admission_date)) as visit_end_date,
        stay.ghm as visit_source_value
    from mart_resource_use as stay
    inner join known_patient as who on stay.patient_id = who.patient_id
    where stay.admission_date is not null
    group by who.person_id, stay.admission_date, stay.ghm
)
order by visit_occurrence_id
