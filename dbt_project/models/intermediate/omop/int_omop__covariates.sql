-- LDH divided by the upper limit that the laboratory gives with it, and observations that the
-- contract maps to a covariate. They are the person's, with the day of their measurement.
select
    source,
    patient_id,
    cast(null as {{ text_type() }}) as treatment_id,
    'ldh_ratio' as name,
    cast({{ try_number('value') }} / nullif(upper_limit, 0) as {{ text_type() }}) as value,
    cast(observed_at as date) as measured_date,
    delivery_date,
    delivered_file,
    delivered_row
from {{ ref('int_omop__observations') }}
where code = 'ldh' and {{ try_number('value') }} / nullif(upper_limit, 0) is not null

union all

select
    observations.source,
    observations.patient_id,
    cast(null as {{ text_type() }}) as treatment_id,
    covariates.mapped_code as name,
    cast(observations.value_number as {{ text_type() }}) as value,
    observations.observation_date as measured_date,
    observations.delivery_date,
    observations.delivered_file,
    observations.delivered_row
from {{ ref('stg_omop__observation') }} as observations
inner join {{ ref('stg_deliveries__code_map') }} as covariates
    on
        covariates.source = 'omop'
        and covariates.code_list = 'covariate'
        and {{ code_key('observations.observation_code') }} = {{ code_key('covariates.code') }}
where observations.value_number is not null
