{{ delivered('events', [
    'source',
    'event_id',
    'patient_id',
    'treatment_id',
    'event_type',
    'event_date',
    'grade',
    'grade_scale',
    'detail',
    'delivery_date',
    'delivered_file',
    'delivered_row',
]) }}
