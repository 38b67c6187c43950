select
    episode.episode_id,
    condition.condition_occurrence_id as event_id,
    {condition_field} as episode_event_field_concept_id
from episode
inner join condition_occurrence as condition
    on episode.person_id = condition.person_id
    and episode.episode_source_value = condition.condition_source_value
    and condition.event_key is null
where episode.episode_concept_id = {disease_episode}

union all

select
    episode.episode_id,
    drug.drug_exposure_id as event_id,
    {drug_field} as episode_event_field_concept_id
from episode
inner join drug_exposure as drug
    on episode.person_id = drug.person_id
    and episode.episode_source_value = drug.drug_source_value
    and episode.episode_end_date = drug.drug_exposure_start_date
where episode.episode_concept_id = {treatment_episode}
order by all
