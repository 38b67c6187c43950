{#- Whole days from one date to another, no +1; NULL when either is NULL. -#}
{% macro days_between(start_date, end_date) -%}
    {{ return(adapter.dispatch('days_between', 'atmp_rwe')(start_date, end_date)) }}
{%- endmacro %}

{% macro default__days_between(start_date, end_date) -%}
    cast({{ dbt.datediff(start_date, end_date, 'day') }} as integer)
{%- endmacro %}

{% macro duckdb__days_between(start_date, end_date) -%}
    cast(date_diff('day', {{ start_date }}, {{ end_date }}) as integer)
{%- endmacro %}


{#- The date a number of whole days after another. -#}
{% macro days_after(start_date, days) -%}
    {{ return(adapter.dispatch('days_after', 'atmp_rwe')(start_date, days)) }}
{%- endmacro %}

{% macro default__days_after(start_date, days) -%}
    date_add({{ start_date }}, cast({{ days }} as integer))
{%- endmacro %}

{% macro duckdb__days_after(start_date, days) -%}
    ({{ start_date }} + cast({{ days }} as integer))
{%- endmacro %}


{#- Year and month of a date, as integers. -#}
{% macro year_of(date) -%}
    cast(extract(year from {{ date }}) as integer)
{%- endmacro %}

{% macro month_of(date) -%}
    cast(extract(month from {{ date }}) as integer)
{%- endmacro %}
