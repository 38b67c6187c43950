-- Names in lower case, so that two sources' ECOG are one covariate.
with

named as (
    select
        source,
        patient_id,
        treatment_id,
        {{ code_key('name') }} as covariate_name,
        value,
        measured_date,
        delivery_date,
        delivered_file,
        delivered_row
    from {{ ref('int_delivered_covariates') }}
    where name is not null
),

latest as (
    {{ latest_copy(
        'named',
        ['source', 'patient_id', 'treatment_id', 'covariate_name', 'measured_date']
    ) }}
)

select
    source,
    patient_id,
    treatment_id,
    covariate_name as name,
    value as value_text,
    {{ try_number('value') }} as value_number,
    measured_date
from latest
where value is not null
