{#- Every row is about a person of some source; questionnaires and stays may come from a source that
    knows no treatment, so the person may be another source's. -#}
{% test known_patient(model) %}
    select rows_of_model.patient_id
    from {{ model }} as rows_of_model
    left join {{ ref('patient') }} as patients
        on rows_of_model.patient_id = patients.patient_id
    where patients.patient_id is null
{% endtest %}
