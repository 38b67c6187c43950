select * from {{ ref('stg_cart_registry__assessments') }}

union all

select * from {{ ref('stg_common_extract__assessments') }}
