-- One row per person, whatever number of sources know them; the first source by name speaks.
select
    who.person_id,
    case who.sex when 'F' then {female} when 'M' then {male} else 0 end as gender_concept_id,
    who.birth_year as year_of_birth,
    who.birth_month as month_of_birth,
    0 as race_concept_id,
    0 as ethnicity_concept_id,
    location.location_id,
    who.person_key as person_source_value,
    who.sex as gender_source_value,
    0 as gender_source_concept_id,
    0 as race_source_concept_id,
    0 as ethnicity_source_concept_id
from known_person as who
left join location on who.residence_department = location.location_source_value
order by who.person_id
