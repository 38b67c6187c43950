-- The dated steps from the decision to the infusion. A step dated before the one that precedes it
-- is kept with a negative duration: the order of the steps is fixed, the dates are the source's.
with

steps as (
    select
        source,
        patient_id,
        treatment_id,
        1 as step_number,
        'decision' as step,
        decision_date as step_date
    from {{ ref('int_treatment') }}

    union all

    select
        source,
        patient_id,
        treatment_id,
        2 as step_number,
        'order' as step,
        order_date as step_date
    from {{ ref('int_treatment') }}

    union all

    select
        source,
        patient_id,
        treatment_id,
        3 as step_number,
        'apheresis' as step,
        apheresis_date as step_date
    from {{ ref('int_treatment') }}

    union all

    select
        source,
        patient_id,
        treatment_id,
        4 as step_number,
        'release' as step,
        release_date as step_date
    from {{ ref('int_treatment') }}

    union all

    select
        source,
        patient_id,
        treatment_id,
        5 as step_number,
        'infusion' as step,
        infusion_date as step_date
    from {{ ref('int_treatment') }}
),

dated as (
    select
        *,
        lag(step_date) over (
            partition by source, patient_id, treatment_id
            order by step_number
        ) as previous_date
    from steps
    where step_date is not null
)

select
    source,
    patient_id,
    treatment_id,
    step_number,
    step,
    step_date,
    {{ days_between('previous_date', 'step_date') }} as days_since_previous_step
from dated
