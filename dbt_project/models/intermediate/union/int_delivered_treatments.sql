select * from {{ ref('stg_cart_registry__treatments') }}

union all

select * from {{ ref('stg_common_extract__treatments') }}
