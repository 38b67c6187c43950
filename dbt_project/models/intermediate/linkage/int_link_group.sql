-- Persons of different namespaces who share every part of the key. A group is conclusive when each
-- namespace has one person in it and no month of birth contradicts another.
with

groups as (
    select
        sex,
        birth_year,
        product,
        centre,
        infusion_date,
        count(distinct namespace) as n_namespaces,
        count(distinct patient_id) as n_persons,
        count(distinct birth_month) as n_birth_months
    from {{ ref('int_link_key') }}
    group by sex, birth_year, product, centre, infusion_date
    having count(distinct namespace) > 1 and count(distinct patient_id) > 1
)

select
    {{ surrogate_key(['sex', 'birth_year', 'product', 'centre', 'infusion_date']) }} as group_id,
    sex,
    birth_year,
    product,
    centre,
    infusion_date,
    n_persons,
    case
        when n_persons > n_namespaces then 'ambiguous'
        when n_birth_months > 1 then 'contradicted'
        else 'conclusive'
    end as verdict
from groups
