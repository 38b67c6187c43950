-- Facts without a number of their own: responses, words measured, why an infusion was not given,
-- events that are neither conditions nor procedures; and the grade of a toxicity, tied to it.
with told as (
    select
        person_id,
        measured_on as told_on,
        source_value,
        null::double as number,
        value_text,
        type_concept_id,
        null::bigint as condition_occurrence_id
    from measured
    where number is null

    union all

    select
        who.person_id,
        assessment.assessment_date as told_on,
        concat_ws(':', 'response', assessment.criteria) as source_value,
        null::double as number,
        assessment.response as value_text,
        {registry} as type_concept_id,
        null::bigint as condition_occurrence_id
    from mart_assessment as assessment
    inner join known_patient as who on assessment.patient_id = who.patient_id

    union all

    select
        person_id,
        first_date as told_on,
        'not_infused_reason' as source_value,
        null::double as number,
        not_infused_reason as value_text,
        {registry} as type_concept_id,
        null::bigint as condition_occurrence_id
    from treated
    where not_infused_reason is not null and first_date is not null

    union all

    select
        person_id,
        event_date as told_on,
        event_type as source_value,
        grade::double as number,
        grade_scale as value_text,
        {registry} as type_concept_id,
        null::bigint as condition_occurrence_id
    from happened
    where
        coalesce(category, '') <> 'toxicity'
        and event_type not in ('bleed', 'transfusion', 'death')

    union all

    select distinct
        happened.person_id,
        happened.event_date as told_on,
        concat_ws(':', 'grade', happened.grade_scale) as source_value,
        happened.grade::double as number,
        null as value_text,
        {registry} as type_concept_id,
        first_value(condition.condition_occurrence_id) over (
            partition by happened.event_key order by condition.condition_occurrence_id
        ) as condition_occurrence_id
    from happened
    inner join condition_occurrence as condition on happened.event_key = condition.event_key
    where happened.grade is not null
)

select
    row_number() over (
        order by
            told.person_id, told.told_on, told.source_value, told.value_text, told.number,
            told.condition_occurrence_id, code.concept_id
    ) as observation_id,
    told.person_id,
    coalesce(code.concept_id, 0) as observation_concept_id,
    told.told_on as observation_date,
    told.type_concept_id as observation_type_concept_id,
    told.number as value_as_number,
    told.value_text as value_as_string,
    told.source_value as observation_source_value,
    coalesce(code.source_concept_id, 0) as observation_source_concept_id,
    told.value_text as value_source_value,
    told.condition_occurrence_id as observation_event_id,
    case when told.condition_occurrence_id is not null then {condition_field} end
        as obs_event_field_concept_id
from told
left join mapping as code
    on code.domain_id = 'Observation'
    and told.source_value = code.value
    and told.told_on between code.valid_from and code.valid_to
order by observation_id
