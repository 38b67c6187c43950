{{ config(severity='warn', meta={'kahn': 'plausibility'}) }}

select stays.stay_id
from {{ ref('resource_use') }} as stays
inner join {{ ref('int_person') }} as persons
    on stays.patient_id = persons.patient_id
where stays.admission_date > persons.death_date
