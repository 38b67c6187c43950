-- The reported grade beside the one derived from components. The reported one is the evidence of
-- the endpoints; this table says how far it can be followed.
with

compared as (
    select
        derived.source,
        derived.patient_id,
        derived.treatment_id,
        derived.toxicity,
        case
            when reported.toxicity is null then 0
            else reported.reported_grade
        end as reported_grade,
        derived.derived_grade
    from {{ ref('int_toxicity_grade') }} as derived
    left join {{ ref('int_reported_grade') }} as reported
        on
            derived.source = reported.source
            and derived.patient_id = reported.patient_id
            and derived.treatment_id = reported.treatment_id
            and derived.toxicity = reported.toxicity
)

select
    source,
    patient_id,
    treatment_id,
    toxicity,
    reported_grade,
    derived_grade,
    case
        when reported_grade is null or derived_grade is null then 'not_comparable'
        when reported_grade = derived_grade then 'agree'
        when reported_grade > derived_grade then 'reported_higher'
        else 'derived_higher'
    end as agreement
from compared
