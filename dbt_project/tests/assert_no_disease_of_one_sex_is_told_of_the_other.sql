{{ config(severity='warn', meta={'kahn': 'plausibility'}) }}

-- Diseases that hardly anybody of the other sex has (seed `indication`); a carrier may.
select
    treatments.source,
    treatments.treatment_id
from {{ ref('treatment') }} as treatments
inner join {{ ref('indication') }} as diseases
    on treatments.indication = diseases.id
inner join {{ ref('patient') }} as patients
    on
        treatments.source = patients.source
        and treatments.patient_id = patients.patient_id
where diseases.sex is not null and patients.sex <> 'U' and patients.sex <> diseases.sex
