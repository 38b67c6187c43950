{{ of_persons('events') }}
