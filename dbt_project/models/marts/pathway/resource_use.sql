-- Hospital stays, tied to the last infusion of the person on or before the discharge; a stay that
-- ends before any infusion has no treatment.
with

stays as (
    {{ latest_copy(
        ref('int_delivered_stays'),
        ['source', 'patient_id', 'admission_date', 'ghm']
    ) }}
),

keyed as (
    select
        {{ surrogate_key(['source', 'patient_id', 'admission_date', 'ghm']) }} as stay_id,
        *
    from stays
    where admission_date is not null
),

-- A code of the seed is a stem: 17M06 stands for 17M061 to 17M064.
care_steps as (
    select
        keyed.stay_id,
        min(codes.step) as care_step
    from keyed
    inner join {{ ref('care_code') }} as codes
        on
            codes.system = 'GHM'
            and upper(trim(keyed.ghm)) like concat(codes.code, '%')
    group by keyed.stay_id
),

candidate as (
    select
        keyed.stay_id,
        treatments.treatment_id,
        treatments.infusion_date,
        row_number() over (
            partition by keyed.stay_id
            order by
                {{ days_between('treatments.infusion_date', 'keyed.admission_date') }},
                treatments.source,
                treatments.treatment_id
        ) as candidate_rank
    from keyed
    inner join {{ ref('int_treatment') }} as treatments
        on
            keyed.patient_id = treatments.patient_id
            and coalesce(keyed.discharge_date, keyed.admission_date) >= treatments.infusion_date
)

select
    keyed.stay_id,
    keyed.source,
    keyed.patient_id,
    candidate.treatment_id,
    keyed.admission_date,
    keyed.discharge_date,
    {{ days_between('keyed.admission_date', 'keyed.discharge_date') }} as length_of_stay_days,
    {{ days_between('candidate.infusion_date', 'keyed.admission_date') }} as days_from_infusion,
    keyed.ghm,
    care_steps.care_step,
    keyed.cost_eur,
    keyed.icu_days
from keyed
left join candidate
    on
        keyed.stay_id = candidate.stay_id
        and candidate.candidate_rank = 1
left join care_steps
    on keyed.stay_id = care_steps.stay_id
