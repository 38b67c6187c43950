{#- The engine's own name for text. -#}
{% macro text_type() -%}
    {{ dbt.type_string() }}
{%- endmacro %}


{#- A delivered text without surrounding blanks; an empty cell is missing. -#}
{% macro text(column) -%}
    nullif(trim(cast({{ column }} as {{ dbt.type_string() }})), '')
{%- endmacro %}


{#- A number read from a text, NULL when it is none. -#}
{% macro try_number(column) -%}
    {{ return(adapter.dispatch('try_number', 'atmp_rwe')(column)) }}
{%- endmacro %}

{% macro default__try_number(column) -%}
    try_cast({{ column }} as double)
{%- endmacro %}


{#- The spelling under which a code is looked up: case, blanks and hyphens do not matter. -#}
{% macro code_key(column) -%}
    replace(replace(lower(trim({{ column }})), ' ', '_'), '-', '_')
{%- endmacro %}


{#- 1, 0 or NULL from a delivered yes or no (O/N, oui/non, Y/N, 1/0). -#}
{% macro yes_no(column) -%}
    case
        when lower(trim({{ column }})) in ('o', 'oui', 'y', 'yes', '1', 'true') then 1
        when lower(trim({{ column }})) in ('n', 'non', 'no', '0', 'false') then 0
    end
{%- endmacro %}


{#- A stable text key of business columns. A part ends at `|` and a missing one is `~`; where a value
    holds one of these, `^` and a letter stand for it, so that no two keys read alike. -#}
{% macro surrogate_key(columns) -%}
    {%- set parts = [] -%}
    {%- for column in columns -%}
        {%- set escaped = ["cast(" ~ column ~ " as " ~ dbt.type_string() ~ ")"] -%}
        {%- for mark, letter in [('^', 'c'), ('|', 'p'), ('~', 't')] -%}
            {%- do escaped.append(
                "replace(" ~ escaped[-1] ~ ", '" ~ mark ~ "', '^" ~ letter ~ "')"
            ) -%}
        {%- endfor -%}
        {%- do parts.append("coalesce(" ~ escaped[-1] ~ ", '~')") -%}
    {%- endfor -%}
    {{ dbt.hash(parts | join(" || '|' || ")) }}
{%- endmacro %}
