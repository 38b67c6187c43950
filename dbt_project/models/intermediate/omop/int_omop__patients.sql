-- The sex is that of the standard concept, else the source value.
select
    persons.source,
    persons.patient_id,
    coalesce(sex.code, persons.gender_source_value) as sex,
    persons.birth_year,
    persons.birth_month,
    cast(null as {{ text_type() }}) as residence_department,
    cast(null as date) as registration_date,
    persons.delivery_date,
    persons.delivered_file,
    persons.delivered_row
from {{ ref('stg_omop__person') }} as persons
left join {{ ref('omop_concept') }} as sex
    on
        sex.code_list = 'sex'
        and persons.gender_concept_id = sex.concept_id
