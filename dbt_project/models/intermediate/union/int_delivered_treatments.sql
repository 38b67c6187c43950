{{ of_persons('treatments') }}
