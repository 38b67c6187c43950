{#- The value on the row with the smallest order, over rows where the value is filled.
    `order` must be unique within the group, or the answer would depend on the engine. -#}
{% macro first_by(value, order) -%}
    {{ return(adapter.dispatch('first_by', 'atmp_rwe')(value, order)) }}
{%- endmacro %}

{% macro default__first_by(value, order) -%}
    min_by({{ value }}, case when {{ value }} is not null then {{ order }} end)
{%- endmacro %}

{% macro duckdb__first_by(value, order) -%}
    arg_min({{ value }}, {{ order }})
{%- endmacro %}
