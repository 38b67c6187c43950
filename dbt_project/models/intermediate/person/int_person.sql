-- What is true of a person whichever source tells it: death and last contact.
-- A death without a date is placed at the last contact and flagged.
with

contact as (
    select * from {{ ref('int_last_contact') }}
),

death as (
    select * from {{ ref('int_death') }}
),

person as (
    select patient_id from contact
    union
    select patient_id from death
)

select
    person.patient_id,
    death.patient_id is not null as is_dead,
    coalesce(death.recorded_death_date, case
        when death.patient_id is not null then contact.last_contact_date
    end) as death_date,
    death.patient_id is not null and death.recorded_death_date is null as death_date_imputed,
    case
        when death.patient_id is not null then coalesce(death.death_cause, 'unknown')
    end as death_cause,
    least(contact.last_contact_date, death.recorded_death_date) as last_contact_date,
    coalesce(contact.last_contact_imputed, true) as last_contact_imputed
from person
left join contact
    on person.patient_id = contact.patient_id
left join death
    on person.patient_id = death.patient_id
