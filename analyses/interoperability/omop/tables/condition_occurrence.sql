-- The disease treated, from the first dated step of its first treatment (the day of diagnosis is
-- not told), and what happened afterwards: toxicity, bleeding.
with told as (
    select
        person_id,
        indication as condition_source_value,
        min(first_date) as condition_start_date,
        null as event_key
    from treated
    where indication is not null
    group by person_id, indication

    union all

    select
        person_id,
        event_type as condition_source_value,
        event_date as condition_start_date,
        event_key
    from happened
    where category = 'toxicity' or event_type = 'bleed'
)

select
    row_number() over (
        order by
            told.person_id, told.condition_start_date, told.condition_source_value,
            told.event_key, code.concept_id
    ) as condition_occurrence_id,
    told.person_id,
    coalesce(code.concept_id, 0) as condition_concept_id,
    told.condition_start_date,
    {registry} as condition_type_concept_id,
    told.condition_source_value,
    coalesce(code.source_concept_id, 0) as condition_source_concept_id,
    told.event_key
from told
left join mapping as code
    on code.domain_id = 'Condition'
    and told.condition_source_value = code.value
    and told.condition_start_date between code.valid_from and code.valid_to
where told.condition_start_date is not null
order by condition_occurrence_id
