{{ of_persons('stays') }}
