-- What each delivered row says about a person being alive or dead; several rows a person.
{{ delivered('status_reports', [
    'source',
    'patient_id',
    'vital_status',
    'death_date',
    'death_cause',
    'last_contact_date',
]) }}
