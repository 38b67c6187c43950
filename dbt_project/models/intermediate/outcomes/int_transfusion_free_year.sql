-- The day that completes a year without a transfusion, counted from the infusion or a transfusion
-- after it, if the year was seen to its end and no haemoglobin in it was too low. Only persons
-- whose transfusions the source tells can be seen to stop.
with

{% set parameters = {} -%}
{% for parameter in ['free_days', 'haemoglobin_from_day', 'haemoglobin_least'] -%}
    {%- do parameters.update({
        parameter: "(select max(value) from " ~ ref('derivation')
            ~ " where id = 'transfusion_free_year' and parameter = '" ~ parameter ~ "')"
    }) -%}
{%- endfor %}

transfusions as (
    select
        source,
        patient_id,
        event_date as transfusion_date
    from {{ ref('int_event') }}
    where event_type = 'transfusion'
    group by source, patient_id, event_date
),

transfused as (
    select distinct
        source,
        patient_id
    from transfusions
),

starts as (
    select
        treatments.source,
        treatments.patient_id,
        treatments.treatment_id,
        treatments.infusion_date as start_date
    from {{ ref('int_treatment') }} as treatments
    inner join transfused
        on
            treatments.source = transfused.source
            and treatments.patient_id = transfused.patient_id
    where treatments.infusion_date is not null

    union

    select
        treatments.source,
        treatments.patient_id,
        treatments.treatment_id,
        transfusions.transfusion_date as start_date
    from {{ ref('int_treatment') }} as treatments
    inner join transfusions
        on
            treatments.source = transfusions.source
            and treatments.patient_id = transfusions.patient_id
            and treatments.infusion_date <= transfusions.transfusion_date
),

completed as (
    select
        starts.source,
        starts.patient_id,
        starts.treatment_id,
        starts.start_date,
        {{ days_after('starts.start_date', parameters.free_days) }} as completed_date
    from starts
    left join transfusions
        on
            starts.source = transfusions.source
            and starts.patient_id = transfusions.patient_id
            and starts.start_date < transfusions.transfusion_date
            and transfusions.transfusion_date
            <= {{ days_after('starts.start_date', parameters.free_days) }}
    where transfusions.transfusion_date is null
),

haemoglobin as (
    select
        observations.source,
        observations.patient_id,
        cast(observations.observed_at as date) as observed_date,
        {{ try_number("replace(observations.value, ',', '.')") }}
        / case when {{ code_key('observations.unit') }} = 'g/l' then 10 else 1 end as g_per_dl
    from {{ ref('int_delivered_observations') }} as observations
    {{ join_code('code', 'observation_code', 'observations', 'code') }}
    where
        code.mapped_code = 'haemoglobin'
        and {{ code_key('observations.unit') }} in ('g/dl', 'g/l')
)

select
    completed.source,
    completed.patient_id,
    completed.treatment_id,
    'transfusion_free_year' as derivation,
    min(completed.completed_date) as derived_date
from completed
inner join {{ ref('int_person') }} as person
    on
        completed.patient_id = person.patient_id
        and completed.completed_date <= person.last_contact_date
left join haemoglobin
    on
        completed.source = haemoglobin.source
        and completed.patient_id = haemoglobin.patient_id
        and haemoglobin.g_per_dl < {{ parameters.haemoglobin_least }}
        and haemoglobin.observed_date
        >= {{ days_after('completed.start_date', parameters.haemoglobin_from_day) }}
        and completed.completed_date >= haemoglobin.observed_date
where haemoglobin.observed_date is null
group by completed.source, completed.patient_id, completed.treatment_id
