{{ of_persons('questionnaires') }}
