{{ config(severity='error', meta={'kahn': 'plausibility', 'grain': 'person'}) }}

-- A score beyond the ends of its scale is an error of ours, whatever the answers were. Utilities
-- are sums of decimals; a billionth is theirs.
select
    score.source,
    score.questionnaire_id,
    score.scale
from {{ ref('questionnaire_score') }} as score
inner join {{ ref('instrument_scale') }} as ends
    on score.instrument = ends.instrument and score.scale = ends.scale
where score.value < ends.lowest - 1e-9 or score.value > ends.highest + 1e-9
