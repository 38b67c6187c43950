-- Apheresis, and the transfusions told.
with told as (
    select distinct
        person_id,
        'apheresis' as procedure_source_value,
        apheresis_date as procedure_date,
        null as event_key
    from treated
    where apheresis_date is not null

    union all

    select
        person_id,
        event_type as procedure_source_value,
        event_date as procedure_date,
        event_key
    from happened
    where event_type = 'transfusion'
)

select
    row_number() over (
        order by
            told.person_id, told.procedure_date, told.procedure_source_value, told.event_key,
            code.concept_id
    ) as procedure_occurrence_id,
    told.person_id,
    coalesce(code.concept_id, 0) as procedure_concept_id,
    told.procedure_date,
    {registry} as procedure_type_concept_id,
    told.procedure_source_value,
    coalesce(code.source_concept_id, 0) as procedure_source_concept_id
from told
left join mapping as code
    on code.domain_id = 'Procedure'
    and told.procedure_source_value = code.value
    and told.procedure_date between code.valid_from and code.valid_to
order by procedure_occurrence_id
