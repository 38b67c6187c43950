{{ config(severity='error', meta={'kahn': 'plausibility'}) }}

select outcomes.*
from {{ ref('time_to_event') }} as outcomes
inner join {{ ref('source') }} as sources
    on outcomes.source = sources.source
where
    outcomes.cause is not null
    and outcomes.end_date > sources.delivery_date
