{{ config(severity='warn', meta={'kahn': 'plausibility'}) }}

-- An infusion of a listed product for a listed disease that is none of its indications: use in a
-- trial or off label, or a slip. Lines and ages of the indication are not looked at.
select
    treatments.source,
    treatments.treatment_id
from {{ ref('treatment') }} as treatments
inner join (select distinct product from {{ ref('product_indication') }}) as listed
    on treatments.product = listed.product
inner join {{ ref('indication') }} as diseases
    on treatments.indication = diseases.id
left join {{ ref('product_indication') }} as indications
    on
        treatments.product = indications.product
        and treatments.indication = indications.indication
where treatments.infusion_date is not null and indications.product is null
