-- What two sources that share no identifier can know one person by: sex, year of birth, product,
-- centre and day of infusion, all of them filled. Sources of one identity namespace number persons
-- alike; any other source is a namespace of its own.
with

namespaces as (
    select
        source,
        coalesce('identity ' || identity_namespace, 'source ' || source) as namespace
    from {{ ref('stg_deliveries__source_registry') }}
),

-- Within one namespace there is nothing to link, and nothing need be read.
linkable as (
    select
        source,
        namespace
    from namespaces
    where (select count(distinct all_of_them.namespace) from namespaces as all_of_them) > 1
),

reported_patients as (
    select reported.*
    from {{ ref('int_reported_patients') }} as reported
    inner join linkable
        on reported.source = linkable.source
),

reported_treatments as (
    select
        reported.*,
        linkable.namespace
    from {{ ref('int_reported_treatments') }} as reported
    inner join linkable
        on reported.source = linkable.source
),

patients as (
    {{ latest_copy('reported_patients', ['source', 'patient_id']) }}
),

treatments as (
    {{ latest_copy('reported_treatments', ['source', 'patient_id', 'treatment_id']) }}
),

centres as (
    select
        source,
        {{ code_key('code') }} as code_key,
        min(mapped_code) as mapped_code
    from {{ ref('stg_deliveries__code_map') }}
    where code_list = 'centre_id'
    group by source, {{ code_key('code') }}
)

select distinct
    treatments.source,
    treatments.namespace,
    treatments.patient_id,
    treatments.treatment_id,
    sex.mapped_code as sex,
    patients.birth_year,
    patients.birth_month,
    product.mapped_code as product,
    {{ code_key('coalesce(centres.mapped_code, treatments.centre_id)') }} as centre,
    treatments.infusion_date
from treatments
inner join patients
    on
        treatments.source = patients.source
        and treatments.patient_id = patients.patient_id
{{ join_code('sex', 'sex', 'patients', 'sex') }}
{{ join_code('product', 'product_code', 'treatments', 'product_code') }}
left join centres
    on
        treatments.source = centres.source
        and {{ code_key('treatments.centre_id') }} = centres.code_key
where
    sex.mapped_code in ('F', 'M')
    and product.is_known
    and patients.birth_year is not null
    and coalesce(centres.mapped_code, treatments.centre_id) is not null
    and treatments.infusion_date is not null
