select
    {{ text('patient_id') }} as patient_id,
    {{ text('person_id') }} as person_id
from {{ source('raw', 'former_person_link') }}
