select {{ text('patient_id') }} as patient_id
from {{ source('raw', 'changed_person') }}
