{{ config(severity='warn', meta={'kahn': 'completeness'}) }}

-- A death without a date is placed at the last contact.
select
    source,
    patient_id
from {{ ref('patient') }}
where death_date_imputed
