-- Conclusive groups joined through the persons they share: two infusions of one person make two
-- groups, three sources may be tied pair by pair. Each person takes the first name in reach, an
-- identifier that several sources use before one source's own number. Three rounds reach further
-- than any real chain; what is not settled by then, or holds two numbers of one namespace or two
-- months of birth, links nobody.
with

members as (
    select distinct
        group_id,
        namespace,
        patient_id,
        birth_month,
        case when namespace like 'identity %' then '0' else '1' end || patient_id as label
    from {{ ref('int_link_member') }}
    where verdict = 'conclusive'
),

round_0 as (
    select distinct
        group_id,
        patient_id,
        label
    from members
),

{% for number in range(1, 4) %}
groups_{{ number }} as (
    select
        group_id,
        min(label) as label
    from round_{{ number - 1 }}
    group by group_id
),

persons_{{ number }} as (
    select
        members.patient_id,
        min(groups_{{ number }}.label) as label
    from members
    inner join groups_{{ number }}
        on members.group_id = groups_{{ number }}.group_id
    group by members.patient_id
),

round_{{ number }} as (
    select
        members.group_id,
        members.patient_id,
        persons_{{ number }}.label
    from members
    inner join persons_{{ number }}
        on members.patient_id = persons_{{ number }}.patient_id
    group by members.group_id, members.patient_id, persons_{{ number }}.label
),
{% endfor %}

unsettled as (
    select
        group_id,
        min(label) as first_label,
        max(label) as last_label
    from round_3
    group by group_id
    having count(distinct label) > 1
),

judged as (
    select
        round_3.label,
        count(distinct members.patient_id) > count(distinct members.namespace) as has_two_numbers,
        count(distinct members.birth_month) > 1 as has_two_birth_months,
        count(distinct unsettled.group_id) > 0 as is_unsettled
    from round_3
    inner join members
        on
            round_3.group_id = members.group_id
            and round_3.patient_id = members.patient_id
    left join unsettled
        on round_3.label in (unsettled.first_label, unsettled.last_label)
    group by round_3.label
)

select distinct
    round_3.patient_id,
    substr(round_3.label, 2) as person_id,
    case
        when judged.has_two_numbers or judged.is_unsettled then 'ambiguous'
        when judged.has_two_birth_months then 'contradicted'
        else 'linked'
    end as verdict
from round_3
inner join judged
    on round_3.label = judged.label
