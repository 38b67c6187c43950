select
    {{ text('source') }} as source,
    {{ text('code_list') }} as code_list,
    {{ text('code') }} as code,
    {{ text('mapped_code') }} as mapped_code
from {{ source('raw', 'code_map') }}
