select * from {{ ref('stg_epro__questionnaires') }}

union all

select * from {{ ref('stg_common_extract__questionnaires') }}
