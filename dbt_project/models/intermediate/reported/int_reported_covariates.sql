{{ delivered('covariates', [
    'source',
    'patient_id',
    'treatment_id',
    'name',
    'value',
    'measured_date',
    'delivery_date',
    'delivered_file',
    'delivered_row',
]) }}
