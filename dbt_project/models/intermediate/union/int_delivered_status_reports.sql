{{ of_persons('status_reports') }}
