select
    patients.source,
    patients.patient_id,
    patients.sex,
    patients.birth_year,
    patients.birth_month,
    patients.residence_department,
    case
        when person.is_dead then 'dead'
        when person.patient_id is not null then 'alive'
        else 'unknown'
    end as vital_status,
    person.death_date,
    coalesce(person.death_date_imputed, false) as death_date_imputed,
    person.death_cause,
    patients.registration_date,
    person.last_contact_date,
    coalesce(person.last_contact_imputed, true) as last_contact_imputed
from {{ ref('int_patient') }} as patients
left join {{ ref('int_person') }} as person
    on patients.patient_id = person.patient_id
