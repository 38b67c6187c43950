{{ of_persons('covariates') }}
