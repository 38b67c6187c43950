{{ delivered('stays', [
    'source',
    'patient_id',
    'admission_date',
    'discharge_date',
    'ghm',
    'cost_eur',
    'icu_days',
    'delivery_date',
    'delivered_file',
    'delivered_row',
]) }}
