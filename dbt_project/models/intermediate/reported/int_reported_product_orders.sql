{{ delivered('product_orders', [
    'source',
    'order_id',
    'patient_id',
    'product_code',
    'identity_code',
    'order_date',
    'cancellation_date',
    'delivery_date',
    'delivered_file',
    'delivered_row',
]) }}
