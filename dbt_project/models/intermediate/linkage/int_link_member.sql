-- The persons of each group, with their treatments there.
select
    groups.group_id,
    groups.verdict,
    groups.n_persons,
    keys.source,
    keys.namespace,
    keys.patient_id,
    keys.treatment_id,
    keys.birth_month
from {{ ref('int_link_key') }} as keys
inner join {{ ref('int_link_group') }} as groups
    on
        keys.sex = groups.sex
        and keys.birth_year = groups.birth_year
        and keys.product = groups.product
        and keys.centre = groups.centre
        and keys.infusion_date = groups.infusion_date
