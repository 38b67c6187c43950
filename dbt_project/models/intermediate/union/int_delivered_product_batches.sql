{{ delivered('product_batches', [
    'source',
    'batch_id',
    'order_id',
    'identity_code',
    'receipt_date',
    'batch_outcome',
    'release_date',
    'delivery_date',
    'delivered_file',
    'delivered_row',
]) }}
