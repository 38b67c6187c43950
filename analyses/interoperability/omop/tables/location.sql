-- Department of residence: France is not told apart from abroad by more than that.
select
    row_number() over (order by residence_department) as location_id,
    residence_department as location_source_value
from (select distinct residence_department from mart_patient where residence_department is not null)
order by location_id
