-- Treatments given within a clinical trial: the source says so by a covariate `trial_id` whose
-- value is the registration number of the trial.
select
    source,
    patient_id,
    treatment_id,
    value_text as trial_id,
    min(measured_date) as recorded_date
from {{ ref('covariate') }}
where name = 'trial_id'
group by source, patient_id, treatment_id, value_text
