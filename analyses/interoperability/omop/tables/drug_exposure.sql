-- Infusions; the same one told by two sources on the same day is one.
with infusion as (
    select
        who.person_id,
        treatment.product,
        treatment.infusion_date,
        arg_min(treatment.batch_id, treatment.source) as batch_id
    from mart_treatment as treatment
    inner join known_patient as who on treatment.patient_id = who.patient_id
    where treatment.infusion_date is not null and treatment.product is not null
    group by who.person_id, treatment.product, treatment.infusion_date
),

stayed as (
    select
        infusion.*,
        min(visit.visit_occurrence_id) as visit_occurrence_id
    from infusion
    left join visit_occurrence as visit
        on infusion.person_id = visit.person_id
        and infusion.infusion_date between visit.visit_start_date and visit.visit_end_date
    group by all
)

select
    row_number() over (
        order by stayed.person_id, stayed.infusion_date, stayed.product, code.concept_id
    ) as drug_exposure_id,
    stayed.person_id,
    coalesce(code.concept_id, 0) as drug_concept_id,
    stayed.infusion_date as drug_exposure_start_date,
    stayed.infusion_date as drug_exposure_end_date,
    {registry} as drug_type_concept_id,
    0 as route_concept_id,
    stayed.batch_id as lot_number,
    stayed.visit_occurrence_id,
    stayed.product as drug_source_value,
    coalesce(code.source_concept_id, 0) as drug_source_concept_id
from stayed
left join mapping as code
    on code.domain_id = 'Drug'
    and stayed.product = code.value
    and stayed.infusion_date between code.valid_from and code.valid_to
order by drug_exposure_id
