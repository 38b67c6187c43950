{#- The reported rows of a table, patient_id replaced by that of the person: two numbers of one person
    in sources without a common identifier become one (`int_person_link`). -#}
{% macro of_persons(table) -%}
    select
        {{ star_without('reported', ['patient_id']) }},
        coalesce(links.person_id, reported.patient_id) as patient_id
    from {{ ref('int_reported_' ~ table) }} as reported
    left join {{ ref('int_person_link') }} as links
        on reported.patient_id = links.patient_id
{%- endmacro %}


{#- All columns of a table but some. -#}
{% macro star_without(table, columns) -%}
    {{ return(adapter.dispatch('star_without', 'atmp_rwe')(table, columns)) }}
{%- endmacro %}

{% macro default__star_without(table, columns) -%}
    {{ table }}.* except ({{ columns | join(', ') }})
{%- endmacro %}

{% macro duckdb__star_without(table, columns) -%}
    {{ table }}.* exclude ({{ columns | join(', ') }})
{%- endmacro %}
