select
    source,
    patient_id,
    sex,
    birth_year,
    birth_month,
    residence_department,
    registration_date,
    delivery_date,
    delivered_file,
    delivered_row
from {{ ref('stg_cart_registry__patients') }}

union all

select
    source,
    patient_id,
    sex,
    birth_year,
    birth_month,
    residence_department,
    registration_date,
    delivery_date,
    delivered_file,
    delivered_row
from {{ ref('stg_common_extract__patients') }}
