{{ of_persons('product_orders') }}
