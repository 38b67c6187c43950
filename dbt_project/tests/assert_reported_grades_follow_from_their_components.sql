{{ config(severity='warn', meta={'kahn': 'plausibility'}) }}

-- CRS and ICANS whose reported grade is not the one the ASTCT 2019 rules give.
select
    source,
    treatment_id,
    toxicity
from {{ ref('toxicity_discordance') }}
where agreement in ('reported_higher', 'derived_higher')
