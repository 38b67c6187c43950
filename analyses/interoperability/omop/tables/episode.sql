-- The disease, and within it each treatment from its apheresis (gene therapies without one: from
-- the infusion) to its infusion. The same infusion told by two sources is one.
with disease as (
    select
        condition.person_id,
        condition.condition_source_value as source_value,
        min(condition.condition_start_date) as start_date,
        min(condition.condition_concept_id) as object_concept_id
    from condition_occurrence as condition
    where condition.event_key is null
    group by condition.person_id, condition.condition_source_value
),

regimen as (
    select
        treated.person_id,
        treated.product as source_value,
        coalesce(treated.infusion_date, treated.apheresis_date) as known_by,
        coalesce(min(treated.apheresis_date), min(treated.infusion_date)) as start_date,
        min(treated.infusion_date) as end_date,
        min(treated.indication) as indication,
        min(treated.treatment_number) as treatment_number,
        min(drug.drug_concept_id) as object_concept_id
    from treated
    left join drug_exposure as drug
        on treated.person_id = drug.person_id
        and treated.product = drug.drug_source_value
        and treated.infusion_date = drug.drug_exposure_start_date
    where coalesce(treated.apheresis_date, treated.infusion_date) is not null
    group by treated.person_id, treated.product, known_by
),

told as (
    select
        person_id,
        {disease_episode} as episode_concept_id,
        start_date,
        null::date as end_date,
        null::integer as episode_number,
        object_concept_id,
        source_value,
        source_value as indication
    from disease

    union all

    select
        person_id,
        {treatment_episode} as episode_concept_id,
        start_date,
        end_date,
        treatment_number as episode_number,
        coalesce(object_concept_id, 0) as object_concept_id,
        source_value,
        indication
    from regimen
),

numbered as (
    select
        *,
        row_number() over (
            order by person_id, start_date, episode_concept_id, source_value, end_date
        ) as episode_id
    from told
)

select
    numbered.episode_id,
    numbered.person_id,
    numbered.episode_concept_id,
    numbered.start_date as episode_start_date,
    numbered.end_date as episode_end_date,
    case when parent.episode_id <> numbered.episode_id then parent.episode_id end
        as episode_parent_id,
    numbered.episode_number,
    numbered.object_concept_id as episode_object_concept_id,
    {registry} as episode_type_concept_id,
    numbered.source_value as episode_source_value,
    0 as episode_source_concept_id
from numbered
left join numbered as parent
    on numbered.person_id = parent.person_id
    and numbered.indication = parent.source_value
    and parent.episode_concept_id = {disease_episode}
order by numbered.episode_id
