{{ delivered('assessments', [
    'source',
    'patient_id',
    'treatment_id',
    'assessment_date',
    'criteria',
    'response',
    'delivery_date',
    'delivered_file',
    'delivered_row',
]) }}
