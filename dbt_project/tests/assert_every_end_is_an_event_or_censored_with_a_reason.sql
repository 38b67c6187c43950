{{ config(severity='error', meta={'kahn': 'conformance'}) }}

-- An event, own or competing, has a cause and no reason; a censored row a reason and no cause.
select *
from {{ ref('time_to_event') }}
where
    (cause is null) = (censoring_reason is null)
    or (event = 1 and cause is null)
