-- Persons whose rows a build that starts from an earlier one computes anew; nobody in a build of
-- everybody. They are those of whom a delivery tells otherwise than before, all of a source that
-- began or ceased to tell a kind of event (derived events depend on that), and, where links between
-- numbers came or went, everybody at either end: each by the number that stands for the person, and
-- by every number that gives way to it.
with

told as (
    select distinct
        source,
        mapped_code as event_type
    from {{ ref('int_code') }}
    where code_list = 'event_type'
),

former_told as (
    select
        source,
        event_type
    from {{ ref('stg_deliveries__former_told') }}
),

-- A source that was not there before has delivered changes only.
retold_source as (
    select told.source
    from told
    left join former_told
        on
            told.source = former_told.source
            and told.event_type = former_told.event_type
    where
        former_told.source is null
        and told.source in (select former.source from former_told as former)

    union

    select former_told.source
    from former_told
    left join told
        on
            former_told.source = told.source
            and former_told.event_type = told.event_type
    where told.source is null
),

links as (
    select
        patient_id,
        person_id
    from {{ ref('int_person_link') }}
),

former_links as (
    select
        patient_id,
        person_id
    from {{ ref('stg_deliveries__former_person_link') }}
),

relinked as (
    select
        coalesce(links.patient_id, former_links.patient_id) as patient_id,
        links.person_id,
        former_links.person_id as former_person_id
    from links
    full join former_links
        on links.patient_id = former_links.patient_id
    where coalesce(links.person_id, '') <> coalesce(former_links.person_id, '')
),

numbers as (
    select patient_id from {{ ref('stg_deliveries__changed_person') }}

    union

    select patients.patient_id
    from {{ ref('int_reported_patients') }} as patients
    inner join retold_source
        on patients.source = retold_source.source

    union

    select treatments.patient_id
    from {{ ref('int_reported_treatments') }} as treatments
    inner join retold_source
        on treatments.source = retold_source.source

    union

    select patient_id from relinked

    union

    select person_id from relinked

    union

    select former_person_id from relinked
),

persons as (
    select patient_id
    from numbers
    where patient_id is not null

    union

    select links.person_id as patient_id
    from numbers
    inner join links
        on numbers.patient_id = links.patient_id

    union

    select former_links.person_id as patient_id
    from numbers
    inner join former_links
        on numbers.patient_id = former_links.patient_id
)

select patient_id from persons

union

select links.patient_id
from persons
inner join links
    on persons.patient_id = links.person_id
