{{ of_persons('episodes') }}
