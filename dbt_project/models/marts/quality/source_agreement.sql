-- How often two sources that know the same person, or the same infusion, tell the same of it.
-- Counts only. Codes are compared after mapping, so that two spellings agree.
with

death as (
    select
        source,
        patient_id,
        {{ first_by('death_date', 'record_rank') }} as death_date,
        {{ first_by('death_cause', 'record_rank') }} as death_cause
    from (
        select
            *,
            row_number() over (
                partition by source, patient_id
                order by
                    case when death_date is null then 1 else 0 end,
                    case when is_plausible then 0 else 1 end,
                    death_date
            ) as record_rank
        from {{ ref('int_death_record') }}
    ) as ranked
    group by source, patient_id
),

-- A source that saw somebody alive before the death says nothing of the death.
alive as (
    select
        reports.source,
        reports.patient_id
    from {{ ref('int_delivered_status_reports') }} as reports
    {{ join_code('status', 'vital_status', 'reports', 'vital_status') }}
    left join {{ ref('int_person') }} as person
        on reports.patient_id = person.patient_id
    left join death
        on
            reports.source = death.source
            and reports.patient_id = death.patient_id
    where
        status.mapped_code = 'alive'
        and death.patient_id is null
        and (not coalesce(person.is_dead, false) or reports.last_contact_date > person.death_date)
    group by reports.source, reports.patient_id
),

-- One word of each source on each person and field; infusions are compared below.
claim as (
    select
        source,
        patient_id,
        'sex' as field,
        sex as value
    from {{ ref('int_patient') }}
    where sex <> 'U'

    union all

    select
        source,
        patient_id,
        'birth_year' as field,
        cast(birth_year as {{ text_type() }}) as value
    from {{ ref('int_patient') }}
    where birth_year is not null

    union all

    select
        source,
        patient_id,
        'death_date' as field,
        cast(death_date as {{ text_type() }}) as value
    from death
    where death_date is not null

    union all

    select
        source,
        patient_id,
        'death_cause' as field,
        death_cause as value
    from death
    where death_cause is not null

    union all

    select
        source,
        patient_id,
        'vital_status' as field,
        'dead' as value
    from death

    union all

    select
        source,
        patient_id,
        'vital_status' as field,
        'alive' as value
    from alive
),

compared as (
    select
        claim.field,
        claim.source as source_a,
        other.source as source_b,
        case when claim.value = other.value then 1 else 0 end as agrees
    from claim
    inner join claim as other
        on
            claim.patient_id = other.patient_id
            and claim.field = other.field
            and claim.source < other.source

    union all

    select
        'infusion_date' as field,
        treatments.source as source_a,
        other.source as source_b,
        max(case when treatments.infusion_date = other.infusion_date then 1 else 0 end) as agrees
    from {{ ref('int_treatment') }} as treatments
    inner join {{ ref('int_treatment') }} as other
        on
            treatments.patient_id = other.patient_id
            and treatments.product = other.product
            and treatments.source < other.source
    inner join {{ ref('tolerance') }} as allowed
        on allowed.id = 'same_infusion'
    where
        abs({{ days_between('treatments.infusion_date', 'other.infusion_date') }}) <= allowed.value
    group by
        treatments.source,
        other.source,
        treatments.patient_id,
        treatments.treatment_id
)

select
    field,
    source_a,
    source_b,
    count(*) as n_compared,
    cast(sum(agrees) as bigint) as n_agree,
    cast(sum(agrees) as double) / count(*) as share
from compared
group by field, source_a, source_b
