{{ config(severity='error', meta={'kahn': 'conformance'}) }}

select
    aliases.code_list,
    aliases.alias
from {{ ref('alias') }} as aliases
left join {{ ref('int_code_list') }} as listed
    on
        aliases.code_list = listed.code_list
        and aliases.id = listed.id
where listed.id is null
