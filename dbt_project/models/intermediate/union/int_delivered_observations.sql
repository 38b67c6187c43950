{{ of_persons('observations') }}
