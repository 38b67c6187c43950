-- The evidence of each link between sources without a common identifier, and of those not made.
select
    members.source,
    members.patient_id as delivered_patient_id,
    coalesce(links.person_id, members.patient_id) as patient_id,
    members.treatment_id,
    groups.sex,
    groups.birth_year,
    groups.product,
    groups.centre,
    groups.infusion_date,
    cast(groups.n_persons as integer) as n_persons,
    coalesce(components.verdict, groups.verdict) as verdict
from {{ ref('int_link_member') }} as members
inner join {{ ref('int_link_group') }} as groups
    on members.group_id = groups.group_id
left join {{ ref('int_link_component') }} as components
    on
        groups.verdict = 'conclusive'
        and members.patient_id = components.patient_id
left join {{ ref('int_person_link') }} as links
    on members.patient_id = links.patient_id
