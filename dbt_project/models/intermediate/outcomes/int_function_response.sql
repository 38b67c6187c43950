-- The first reading after infusion that is better than the last one before by what the seed
-- `function_response` asks. Readings of one day are one: the best of them.
with

readings as (
    select
        observations.source,
        observations.patient_id,
        rules.id as derivation,
        rules.observation_code,
        rules.least_change,
        cast(observations.observed_at as date) as observed_date,
        max(
            case when rules.direction = 'lower' then -1 else 1 end
            * {{ try_number("replace(observations.value, ',', '.')") }}
        ) as score
    from {{ ref('int_delivered_observations') }} as observations
    {{ join_code('code', 'observation_code', 'observations', 'code') }}
    inner join {{ ref('function_response') }} as rules
        on code.mapped_code = rules.observation_code
    where {{ try_number("replace(observations.value, ',', '.')") }} is not null
    group by
        observations.source,
        observations.patient_id,
        rules.id,
        rules.observation_code,
        rules.least_change,
        cast(observations.observed_at as date)
),

baseline as (
    select
        treatments.source,
        treatments.patient_id,
        treatments.treatment_id,
        treatments.infusion_date,
        readings.derivation,
        readings.observation_code,
        readings.least_change,
        {{ first_by(
            'readings.score',
            days_between('readings.observed_date', 'treatments.infusion_date')
        ) }} as score
    from {{ ref('int_treatment') }} as treatments
    inner join readings
        on
            treatments.source = readings.source
            and treatments.patient_id = readings.patient_id
            and treatments.infusion_date >= readings.observed_date
    group by
        treatments.source,
        treatments.patient_id,
        treatments.treatment_id,
        treatments.infusion_date,
        readings.derivation,
        readings.observation_code,
        readings.least_change
)

select
    baseline.source,
    baseline.patient_id,
    baseline.treatment_id,
    baseline.derivation,
    min(readings.observed_date) as derived_date
from baseline
inner join readings
    on
        baseline.source = readings.source
        and baseline.patient_id = readings.patient_id
        and baseline.derivation = readings.derivation
        and baseline.observation_code = readings.observation_code
        and readings.observed_date > baseline.infusion_date
        -- Scores are decimals: their difference carries an error far under any change that matters.
        and readings.score - baseline.score >= baseline.least_change - 0.000001
group by baseline.source, baseline.patient_id, baseline.treatment_id, baseline.derivation
