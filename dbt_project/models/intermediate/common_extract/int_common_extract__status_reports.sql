-- What a patient row says of the person being alive or dead. Follow-up forms of other sources add
-- up; here the row of a later delivery replaces that of an earlier one.
with

patients as (
    {{ latest_delivery(ref('stg_common_extract__patients'), ['source', 'patient_id']) }}
)

select
    source,
    patient_id,
    vital_status,
    death_date,
    death_cause,
    last_contact_date
from patients
