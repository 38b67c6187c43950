select
    row_number() over (order by centre_id) as care_site_id,
    0 as place_of_service_concept_id,
    centre_id as care_site_source_value
from (select distinct centre_id from mart_treatment where centre_id is not null)
order by care_site_id
