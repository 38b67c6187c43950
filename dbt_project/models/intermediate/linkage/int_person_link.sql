-- Numbers of one person that give way to another number of the same person.
select
    patient_id,
    person_id
from {{ ref('int_link_component') }}
where verdict = 'linked' and patient_id <> person_id
