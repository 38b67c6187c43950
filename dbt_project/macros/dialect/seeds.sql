{#- The rows of a seed on Spark, where an empty cell would be stored as the text `None`
    (dbt-spark 1.11, `method: session`). Takes the place of the macro of that name of dbt-spark. -#}
{% macro spark__load_csv_rows(model, agate_table) -%}
    {%- set types = model['config'].get('column_types', {}) -%}
    {% for chunk in agate_table.rows | batch(1000) -%}
        {%- set sql -%}
            insert into {{ this.render() }} values
            {% for row in chunk -%}
                (
                    {%- for column in agate_table.column_names -%}
                        {%- set value = row[loop.index0] -%}
                        cast({{ text_literal(value) }} as {{
                            types.get(column) or adapter.convert_type(agate_table, loop.index0)
                        }}){{ ', ' if not loop.last }}
                    {%- endfor -%}
                ){{ ',' if not loop.last }}
            {% endfor %}
        {%- endset -%}
        {%- do adapter.add_query(sql, abridge_sql_log=True) -%}
    {%- endfor -%}
{%- endmacro %}


{#- A value as a text literal of Spark; none is NULL. -#}
{% macro text_literal(value) -%}
    {%- if value is none -%}
        null
    {%- else -%}
        '{{ value | string | replace("\\", "\\\\") | replace("'", "\\'") }}'
    {%- endif -%}
{%- endmacro %}
