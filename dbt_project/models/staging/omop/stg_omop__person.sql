-- The first of January 1900 is what a warehouse writes when nobody entered a date of birth.
select
    _source as source,
    {{ text('person_id') }} as patient_id,
    cast(gender_concept_id as bigint) as gender_concept_id,
    {{ text('gender_source_value') }} as gender_source_value,
    case when year_of_birth > 1900 then cast(year_of_birth as integer) end as birth_year,
    case when year_of_birth > 1900 then cast(month_of_birth as integer) end as birth_month,
    {{ text('care_site_id') }} as care_site_id,
    cast(_delivery as date) as delivery_date,
    cast(_file as {{ text_type() }}) as delivered_file,
    cast(_row as bigint) as delivered_row
from {{ source('raw', 'omop__person') }}
