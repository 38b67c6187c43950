{{ of_persons('patients') }}
