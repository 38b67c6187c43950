-- Codes no list knows. Spellings that differ in case, blanks or hyphens only are one code.
select
    source,
    code_list,
    min(case when mapped_code = 'free_text' then mapped_code else code end) as code,
    cast(sum(n_rows) as bigint) as n_rows
from {{ ref('int_code') }}
where not is_known
group by
    source,
    code_list,
    {{ code_key("case when mapped_code = 'free_text' then mapped_code else code end") }}
