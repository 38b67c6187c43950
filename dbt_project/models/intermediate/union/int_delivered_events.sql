select * from {{ ref('stg_cart_registry__events') }}

union all

select * from {{ ref('stg_common_extract__events') }}
