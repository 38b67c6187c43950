-- Numbers: timed observations, characteristics at the index date, and scores of questionnaires.
select
    row_number() over (
        order by
            told.person_id, told.measured_on, told.source_value, told.measured_at, told.number,
            told.unit, told.value_text, told.origin, code.concept_id, unit.concept_id
    ) as measurement_id,
    told.person_id,
    coalesce(code.concept_id, 0) as measurement_concept_id,
    told.measured_on as measurement_date,
    told.measured_at as measurement_datetime,
    told.type_concept_id as measurement_type_concept_id,
    told.number as value_as_number,
    case when told.unit is not null then coalesce(unit.concept_id, 0) end as unit_concept_id,
    told.source_value as measurement_source_value,
    coalesce(code.source_concept_id, 0) as measurement_source_concept_id,
    told.unit as unit_source_value,
    case when told.unit is not null then coalesce(unit.source_concept_id, 0) end
        as unit_source_concept_id,
    told.value_text as value_source_value
from measured as told
left join mapping as code
    on code.domain_id = 'Measurement'
    and told.source_value = code.value
    and told.measured_on between code.valid_from and code.valid_to
left join mapping as unit
    on unit.domain_id = 'Unit'
    and told.unit = unit.value
    and told.measured_on between unit.valid_from and unit.valid_to
where told.number is not null
order by measurement_id
