-- One death a person, whichever source told it. Which record counts is the seed `field_precedence`:
-- what a record does not meet weighs more than all the criteria after it (docs/decisions/0007,
-- 0017); a tie goes to the earlier date, then to the source by name. The cause is that of the first
-- record in its own order that names one.
with

judged as (
    select
        rules.field,
        records.patient_id,
        records.source,
        records.death_date,
        records.death_cause,
        sum(
            case
                when rules.criterion = 'dated' and records.death_date is not null then 0
                when rules.criterion = 'plausible' and records.is_plausible then 0
                when rules.criterion in ('earliest', 'latest') then 0
                when rules.criterion = concat('source:', records.source) then 0
                else power(2, 20 - rules.precedence)
            end
        ) as penalty,
        min(case when rules.criterion = 'latest' then -1 else 1 end) as direction
    from {{ ref('int_death_record') }} as records
    inner join {{ ref('field_precedence') }} as rules
        on rules.field in ('death_date', 'death_cause')
    group by
        rules.field,
        records.patient_id,
        records.source,
        records.death_date,
        records.death_cause
),

ranked as (
    select
        *,
        row_number() over (
            partition by patient_id, field
            order by
                penalty,
                case when death_date is null then 1 else 0 end,
                direction * {{ days_between("cast('1900-01-01' as date)", 'death_date') }},
                source
        ) as record_rank
    from judged
)

select
    patient_id,
    min(case when field = 'death_date' and record_rank = 1 then death_date end)
        as recorded_death_date,
    min(case when field = 'death_date' and record_rank = 1 then source end) as source,
    {{ first_by("case when field = 'death_cause' then death_cause end", 'record_rank') }}
        as death_cause,
    count(distinct death_date) as n_dates
from ranked
group by patient_id
