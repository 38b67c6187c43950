{{ of_persons('product_dispensations') }}
