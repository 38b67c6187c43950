{{ config(severity='warn', meta={'kahn': 'plausibility'}) }}

-- An episode told again with another onset. The first one told counts.
select
    source,
    event_id
from {{ ref('int_delivered_episodes') }}
where n_other_onsets > 0
