-- Responders: treatments with a complete or partial response before progression and death. Their
-- clock for the duration of response starts at the first such response.
select
    starts.index_number,
    starts.source,
    starts.patient_id,
    starts.treatment_id,
    starts.product,
    starts.infusion_date,
    starts.analysis_set,
    {{ days_after('starts.start_date', 'floor(found.first_key / 100.0)') }} as start_date,
    starts.cutoff_date,
    starts.registration_date,
    starts.death_date_imputed,
    starts.death_cause,
    starts.last_known_date
from {{ ref('int_index') }} as starts
inner join {{ ref('int_first_evidence') }} as found
    on
        starts.index_number = found.index_number
        and found.endpoint = 'time_to_response'
inner join {{ ref('endpoint_evidence') }} as dictionary
    on
        found.endpoint = dictionary.endpoint
        and mod(found.first_key + 1000000000, 100) = dictionary.precedence
        and dictionary.role = 'own'
