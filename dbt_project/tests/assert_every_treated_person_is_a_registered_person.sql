{{ config(severity='warn', meta={'kahn': 'conformance'}) }}

-- A person who is only in the treatment table has neither sex nor year of birth.
select
    treatments.source,
    treatments.patient_id
from {{ ref('int_treatment') }} as treatments
left join {{ ref('int_delivered_patients') }} as patients
    on
        treatments.source = patients.source
        and treatments.patient_id = patients.patient_id
where patients.patient_id is null
