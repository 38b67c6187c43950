{{ delivered('observations', [
    'source',
    'patient_id',
    'treatment_id',
    'observed_at',
    'code',
    'value',
    'unit',
    'delivery_date',
    'delivered_file',
    'delivered_row',
]) }}
