-- Codes no list knows. Spellings that differ in case, blanks or hyphens only are one code.
select
    source,
    code_list,
    min(code) as code,
    cast(sum(n_rows) as bigint) as n_rows
from {{ ref('int_code') }}
where not is_known
group by source, code_list, {{ code_key('code') }}
