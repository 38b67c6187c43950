{#- The codes a table delivers, counted: the input of `int_code`. `columns` maps code lists to the
    columns that use them. The table is read once, and there are few combinations of codes. -#}
{% macro delivered_codes(relation, columns) -%}
    select
        told.source,
        list.code_list,
        case list.code_list
            {% for code_list, column in columns.items() -%}
                when '{{ code_list }}' then told.{{ column }}
            {% endfor -%}
        end as code,
        told.n_rows
    from (
        select
            source,
            {% for column in columns.values() -%}
                {{ column }},
            {% endfor -%}
            count(*) as n_rows
        from {{ relation }}
        group by source, {{ columns.values() | join(', ') }}
    ) as told
    cross join (
        {% for code_list in columns -%}
            select '{{ code_list }}' as code_list
            {{ 'union all' if not loop.last }}
        {% endfor %}
    ) as list
{%- endmacro %}


{#- The codes a column delivers with the day each was used on: what the validity of a code is held
    against. -#}
{% macro used_codes(code_list, relation, column, used_date) -%}
    select distinct
        source,
        '{{ code_list }}' as code_list,
        {{ column }} as code,
        {{ used_date }} as used_date
    from {{ relation }}
    where {{ column }} is not null
{%- endmacro %}


{#- Whether a text in a coded column is somebody's words rather than a code: long, with an address,
    markup or a line break, or words with a long number. It may name a person. -#}
{% macro is_free_text(column) -%}
    length({{ column }}) > 60
        or {{ column }} like '%@%'
        or {{ column }} like '%<%'
        or {{ column }} like concat('%', chr(10), '%')
        or (
            trim({{ column }}) like '% %'
            and length({{ column }})
            - length(translate({{ column }}, '0123456789', '')) >= 8
        )
{%- endmacro %}


{#- Joins the mapped code of a delivered column under an alias of its own. -#}
{% macro join_code(alias, code_list, table, column) -%}
    left join {{ ref('int_code') }} as {{ alias }}
        on
            {{ alias }}.source = {{ table }}.source
            and {{ alias }}.code_list = '{{ code_list }}'
            and {{ alias }}.code = {{ table }}.{{ column }}
{%- endmacro %}
