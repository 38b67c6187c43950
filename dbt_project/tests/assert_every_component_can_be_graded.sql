{{ config(severity='warn', meta={'kahn': 'conformance'}) }}

-- A value in no row of the seed `toxicity_component`: a word nobody explained, a number out of
-- range, a flow of oxygen without its unit. A contract may map it (`observation_value`).
select
    source,
    treatment_id,
    toxicity,
    observation_code
from {{ ref('int_toxicity_component') }}
where n_ungraded > 0
