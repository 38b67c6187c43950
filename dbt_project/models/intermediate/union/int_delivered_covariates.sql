select * from {{ ref('stg_cart_registry__covariates') }}

union all

select * from {{ ref('stg_common_extract__covariates') }}
