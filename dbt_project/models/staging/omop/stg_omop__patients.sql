-- The first of January 1900 is what a warehouse writes when nobody entered a date of birth.
with

persons as (
    select
        person.*,
        person.year_of_birth > 1900 as is_born
    from {{ source('raw', 'omop__person') }} as person
)

select
    persons._source as source,
    {{ text('persons.person_id') }} as patient_id,
    coalesce(sex.code, {{ text('persons.gender_source_value') }}) as sex,
    case when persons.is_born then cast(persons.year_of_birth as integer) end as birth_year,
    case when persons.is_born then cast(persons.month_of_birth as integer) end as birth_month,
    cast(null as {{ text_type() }}) as residence_department,
    cast(null as date) as registration_date,
    cast(persons._delivery as date) as delivery_date,
    cast(persons._file as {{ text_type() }}) as delivered_file,
    cast(persons._row as bigint) as delivered_row
from persons
left join {{ ref('omop_concept') }} as sex
    on
        sex.code_list = 'sex'
        and persons.gender_concept_id = sex.concept_id
