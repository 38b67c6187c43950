-- What each delivered row says about a person being alive or dead; several rows a person. Follow-up
-- forms add up; a patient row of the common extract replaces that of an earlier delivery.
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
from {{ ref('stg_cart_registry__status_reports') }}

union all

select
    source,
    patient_id,
    vital_status,
    death_date,
    death_cause,
    last_contact_date
from patients
