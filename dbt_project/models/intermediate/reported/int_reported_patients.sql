{{ delivered('patients', [
    'source',
    'patient_id',
    'sex',
    'birth_year',
    'birth_month',
    'residence_department',
    'registration_date',
    'delivery_date',
    'delivered_file',
    'delivered_row',
]) }}
