-- Events that follow from measurements and transfusions, of sources that never tell them
-- themselves: a source with a definition of its own is believed.
with

derived as (
    select
        source,
        patient_id,
        treatment_id,
        derivation,
        derived_date
    from {{ ref('int_transfusion_free_year') }}

    union all

    select
        source,
        patient_id,
        treatment_id,
        derivation,
        derived_date
    from {{ ref('int_function_response') }}
),

told as (
    select distinct
        source,
        case mapped_code
            when 'transfusion_independence' then 'transfusion_free_year'
            else mapped_code
        end as derivation
    from {{ ref('int_code') }}
    where code_list = 'event_type'
)

select
    derived.source,
    derived.patient_id,
    derived.treatment_id,
    derived.derivation,
    derived.derived_date
from derived
left join told
    on
        derived.source = told.source
        and derived.derivation = told.derivation
where told.source is null
