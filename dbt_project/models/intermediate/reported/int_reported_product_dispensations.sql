{{ delivered('product_dispensations', [
    'source',
    'dispensation_id',
    'batch_id',
    'patient_id',
    'identity_code',
    'dispensation_date',
    'delivery_date',
    'delivered_file',
    'delivered_row',
]) }}
