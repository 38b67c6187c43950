{#- Rows and empty cells of some columns of a relation, by source and delivery, in one scan: a row per
    column. -#}
{% macro missing_by_column(table, relation, columns) -%}
    select
        counted.source,
        counted.delivery_date,
        '{{ table }}' as table_name,
        listed.column_name,
        counted.n_rows,
        case listed.column_name
            {% for column in columns -%}
                when '{{ column }}' then counted.n_rows - counted.n_{{ column }}
            {% endfor %}
        end as n_missing
    from (
        select
            source,
            delivery_date,
            {% for column in columns -%}
                count({{ column }}) as n_{{ column }},
            {% endfor %}
            count(*) as n_rows
        from {{ relation }}
        group by source, delivery_date
    ) as counted
    cross join (
        {% for column in columns -%}
            select '{{ column }}' as column_name
            {% if not loop.last %}union all{% endif %}
        {% endfor %}
    ) as listed
{%- endmacro %}
