-- A stay that ended in death (exit mode 9) dates it. Other stays say nothing of the time after
-- them, and no person is taken for followed up because a hospital was visited.
select distinct
    source,
    patient_id,
    'dead' as vital_status,
    discharge_date as death_date,
    cast(null as {{ text_type() }}) as death_cause,
    cast(null as date) as last_contact_date
from {{ ref('stg_pmsi__stays') }}
where exit_mode = 9
