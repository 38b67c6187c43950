-- Endpoints that the very same rules censor (seed `endpoint_censoring`): each such set is censored
-- once and named by its first endpoint.
with

rules as (
    select
        endpoint,
        precedence,
        censoring_reason,
        takes
    from {{ ref('endpoint_censoring') }}
    where applies = 'always'
),

sized as (
    select
        endpoint,
        count(*) as n_rules
    from rules
    group by endpoint
),

shared as (
    select
        rules.endpoint,
        other.endpoint as other_endpoint,
        count(*) as n_shared
    from rules
    inner join rules as other
        on
            rules.precedence = other.precedence
            and rules.censoring_reason = other.censoring_reason
            and rules.takes = other.takes
    group by rules.endpoint, other.endpoint
)

select
    shared.endpoint,
    min(shared.other_endpoint) as rule_set
from shared
inner join sized
    on
        shared.endpoint = sized.endpoint
        and shared.n_shared = sized.n_rules
inner join sized as other_sized
    on
        shared.other_endpoint = other_sized.endpoint
        and shared.n_shared = other_sized.n_rules
group by shared.endpoint
