-- Around each infusion: the disease is the last condition before it whose ICD-10 code is an
-- indication, the line is the number of the treatment regimen it falls in, the centre is the
-- person's.
with

infusions as (
    select * from {{ ref('int_omop__advanced_therapies') }}
),

disease as (
    select
        infusions.delivery_date,
        infusions.treatment_id,
        indication.indication,
        row_number() over (
            partition by infusions.delivery_date, infusions.treatment_id
            order by conditions.condition_start_date desc, indication.indication asc
        ) as disease_rank
    from infusions
    inner join {{ ref('stg_omop__condition_occurrence') }} as conditions
        on
            infusions.patient_id = conditions.patient_id
            and infusions.delivery_date = conditions.delivery_date
            and infusions.infusion_date >= conditions.condition_start_date
    inner join {{ ref('indication_code') }} as indication
        on
            indication.system = 'ICD-10'
            and {{ code_key('conditions.condition_code') }} = {{ code_key('indication.code') }}
),

regimen as (
    select
        infusions.delivery_date,
        infusions.treatment_id,
        episodes.episode_number,
        row_number() over (
            partition by infusions.delivery_date, infusions.treatment_id
            order by episodes.episode_start_date desc, episodes.episode_number asc
        ) as regimen_rank
    from infusions
    inner join {{ ref('int_omop__episodes') }} as episodes
        on
            infusions.patient_id = episodes.patient_id
            and infusions.delivery_date = episodes.delivery_date
            and episodes.kind = 'treatment_regimen'
            and infusions.infusion_date >= episodes.episode_start_date
            and infusions.infusion_date
            <= coalesce(episodes.episode_end_date, infusions.infusion_date)
),

place as (
    select
        persons.patient_id,
        persons.delivery_date,
        min(sites.centre_id) as centre_id
    from {{ ref('stg_omop__person') }} as persons
    inner join {{ ref('stg_omop__care_site') }} as sites
        on
            persons.care_site_id = sites.care_site_id
            and persons.delivery_date = sites.delivery_date
    group by persons.patient_id, persons.delivery_date
)

select
    infusions.source,
    infusions.treatment_id,
    infusions.patient_id,
    infusions.product_code,
    disease.indication as indication_code,
    cast(regimen.episode_number as integer) as line,
    place.centre_id,
    cast(null as date) as decision_date,
    cast(null as date) as order_date,
    cast(null as date) as apheresis_date,
    cast(null as date) as release_date,
    infusions.infusion_date,
    cast(null as {{ text_type() }}) as not_infused_reason,
    infusions.batch_id,
    cast(null as {{ text_type() }}) as batch_outcome,
    cast(null as integer) as bridging,
    infusions.delivery_date,
    infusions.delivered_file,
    infusions.delivered_row
from infusions
left join disease
    on
        infusions.delivery_date = disease.delivery_date
        and infusions.treatment_id = disease.treatment_id
        and disease.disease_rank = 1
left join regimen
    on
        infusions.delivery_date = regimen.delivery_date
        and infusions.treatment_id = regimen.treatment_id
        and regimen.regimen_rank = 1
left join place
    on
        infusions.delivery_date = place.delivery_date
        and infusions.patient_id = place.patient_id
