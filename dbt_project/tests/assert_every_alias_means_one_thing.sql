{{ config(severity='error', meta={'kahn': 'conformance'}) }}

-- An alias of two identifiers, or one that is itself an identifier, would be looked up by chance.
with

spelling as (
    select distinct
        code_list,
        {{ code_key('alias') }} as code_key,
        id
    from {{ ref('alias') }}

    union all

    select
        code_list,
        {{ code_key('id') }} as code_key,
        id
    from {{ ref('int_code_list') }}
)

select
    code_list,
    code_key
from spelling
group by code_list, code_key
having count(*) > 1
