{#- The codes a column delivers, counted: the input of `int_code`. -#}
{% macro delivered_codes(code_list, relation, column) -%}
    select
        source,
        '{{ code_list }}' as code_list,
        {{ column }} as code,
        count(*) as n_rows
    from {{ relation }}
    where {{ column }} is not null
    group by source, {{ column }}
{%- endmacro %}


{#- Joins the mapped code of a delivered column under an alias of its own. -#}
{% macro join_code(alias, code_list, table, column) -%}
    left join {{ ref('int_code') }} as {{ alias }}
        on
            {{ alias }}.source = {{ table }}.source
            and {{ alias }}.code_list = '{{ code_list }}'
            and {{ alias }}.code = {{ table }}.{{ column }}
{%- endmacro %}
