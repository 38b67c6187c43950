-- What each source tells of a treatment, as far as it is compared with what other sources tell: its
-- dates and codes, and the grade of each toxicity that it reports of it.
with

graded as (
    select
        source,
        patient_id,
        treatment_id,
        max(case when toxicity = 'crs' then reported_grade end) as crs_grade,
        max(case when toxicity = 'icans' then reported_grade end) as icans_grade
    from {{ ref('int_reported_grade') }}
    group by source, patient_id, treatment_id
)

select
    treatments.source,
    treatments.patient_id,
    treatments.treatment_id,
    treatments.infusion_date,
    treatments.order_date,
    treatments.apheresis_date,
    treatments.decision_date,
    treatments.product,
    treatments.indication,
    treatments.line,
    graded.crs_grade,
    graded.icans_grade
from {{ ref('int_treatment') }} as treatments
left join graded
    on
        treatments.source = graded.source
        and treatments.patient_id = graded.patient_id
        and treatments.treatment_id = graded.treatment_id
