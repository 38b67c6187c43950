-- Where records disagree: the value used (seed `field_precedence`) beside each one that was not.
with

claim as (
    select
        source,
        patient_id,
        'death_date' as field,
        cast(death_date as {{ text_type() }}) as value
    from {{ ref('int_death_record') }}
    where death_date is not null

    union

    select
        source,
        patient_id,
        'death_cause' as field,
        death_cause as value
    from {{ ref('int_death_record') }}
    where death_cause is not null

    union

    -- A source that holds a dead person for alive, although it delivered after the death.
    select
        reports.source,
        reports.patient_id,
        'vital_status' as field,
        'alive' as value
    from {{ ref('int_delivered_status_reports') }} as reports
    {{ join_code('status', 'vital_status', 'reports', 'vital_status') }}
    inner join {{ ref('int_person') }} as person
        on reports.patient_id = person.patient_id
    where
        status.mapped_code = 'alive'
        and person.is_dead
        and reports.last_contact_date > person.death_date

    union

    select
        source,
        patient_id,
        'sex' as field,
        sex as value
    from {{ ref('int_patient') }}
    where sex <> 'U'

    union

    select
        source,
        patient_id,
        'birth_year' as field,
        cast(birth_year as {{ text_type() }}) as value
    from {{ ref('int_patient') }}
    where birth_year is not null
),

-- Each source keeps its own; one of them is what the others are compared with.
preferred as (
    select
        claim.patient_id,
        claim.field,
        claim.source,
        claim.value,
        row_number() over (
            partition by claim.patient_id, claim.field
            order by coalesce(rules.precedence, 99), claim.source
        ) as claim_rank
    from claim
    left join {{ ref('field_precedence') }} as rules
        on
            claim.field = rules.field
            and rules.criterion = concat('source:', claim.source)
    where claim.field in ('sex', 'birth_year')
),

used as (
    select
        patient_id,
        'death_date' as field,
        source,
        cast(recorded_death_date as {{ text_type() }}) as value
    from {{ ref('int_death') }}

    union all

    select
        patient_id,
        'death_cause' as field,
        source,
        death_cause as value
    from {{ ref('int_death') }}

    union all

    select
        patient_id,
        'vital_status' as field,
        source,
        'dead' as value
    from {{ ref('int_death') }}

    union all

    select
        patient_id,
        field,
        source,
        value
    from preferred
    where claim_rank = 1
)

select
    {{ surrogate_key(
        ['claim.patient_id', 'claim.field', 'claim.source', 'claim.value']
    ) }} as conflict_id,
    claim.patient_id,
    claim.field,
    used.source,
    used.value,
    claim.source as other_source,
    claim.value as other_value
from claim
inner join used
    on
        claim.patient_id = used.patient_id
        and claim.field = used.field
        and claim.value <> used.value

union all

select
    {{ surrogate_key(['patient_id', 'field', 'other_source', 'other_value']) }} as conflict_id,
    patient_id,
    field,
    source,
    value,
    other_source,
    other_value
from {{ ref('int_treatment_conflict') }}
