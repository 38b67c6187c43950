{{ of_persons('assessments') }}
