-- Where the clock ends when nothing happens: each rule of the seed `endpoint_censoring` takes a
-- date, and the first in date, then in precedence, gives the day and the reason. Days since 1900
-- times 100 plus the precedence hold both in one number, as in the macro `first_evidence`.
with

rules as (
    select
        dictionary.endpoint as rule_set,
        dictionary.precedence,
        dictionary.censoring_reason,
        dictionary.takes
    from {{ ref('endpoint_censoring') }} as dictionary
    inner join {{ ref('int_censoring_set') }} as sets
        on
            dictionary.endpoint = sets.endpoint
            and dictionary.endpoint = sets.rule_set
    where dictionary.applies = 'always'
),

dated as (
    select
        starts.index_number,
        rules.rule_set,
        rules.precedence,
        case rules.takes
            when 'cut_off' then starts.cutoff_date
            when 'last_known' then starts.last_known_date
        end as rule_date
    from {{ ref('int_index') }} as starts
    cross join rules
),

first_rule as (
    select
        index_number,
        rule_set,
        min(
            {{ days_between("cast('1900-01-01' as date)", 'rule_date') }} * 100 + precedence
        ) as first_key
    from dated
    group by index_number, rule_set
)

select
    first_rule.index_number,
    first_rule.rule_set,
    {{ days_after(
        "cast('1900-01-01' as date)", 'floor(first_rule.first_key / 100.0)'
    ) }} as censoring_date,
    rules.censoring_reason
from first_rule
left join rules
    on
        first_rule.rule_set = rules.rule_set
        -- The precedence within the day; the shift keeps a day before 1900 positive.
        and mod(first_rule.first_key + 1000000000, 100) = rules.precedence
