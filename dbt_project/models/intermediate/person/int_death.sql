-- One death a person, whichever source told it. A dated record comes before one without a date, a
-- plausible one before an implausible one, then the earliest (docs/decisions/0007). The cause is
-- that of the first record in the same order that names one.
with

ranked as (
    select
        *,
        row_number() over (
            partition by patient_id
            order by
                case when death_date is null then 1 else 0 end,
                case when is_plausible then 0 else 1 end,
                death_date,
                source
        ) as record_rank
    from {{ ref('int_death_record') }}
)

select
    patient_id,
    min(case when record_rank = 1 then death_date end) as recorded_death_date,
    min(case when record_rank = 1 then source end) as source,
    {{ first_by('death_cause', 'record_rank') }} as death_cause,
    count(distinct death_date) as n_dates
from ranked
group by patient_id
