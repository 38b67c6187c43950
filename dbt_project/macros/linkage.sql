{#- The reported rows of a table, patient_id replaced by that of the person: two numbers of one person
    in sources without a common identifier become one (`int_person_link`).
    A build that starts from an earlier one reads changed persons only. -#}
{% macro of_persons(table) -%}
    {#- Of the rows of changed persons alone, in a build of those: `ref` of a view knows nothing of it. -#}
    {%- set changed_person = ref('int_changed_person') -%}
    {%- set reported = ref('int_reported_' ~ table) -%}
    {%- if is_build_of_changed() and is_about_one_person(model) -%}
        {%- set reported = changed_rows(reported) -%}
    {%- endif -%}
    select
        {{ star_without('reported', ['patient_id']) }},
        coalesce(links.person_id, reported.patient_id) as patient_id
    from {{ reported }} as reported
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
