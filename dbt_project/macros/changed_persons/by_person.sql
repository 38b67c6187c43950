{#- A table whose rows are each about one person (column patient_id) and follow from that person's
    delivered rows. A build of everybody makes it like any other table. A build that starts from an
    earlier one computes the rows of changed persons only, puts them beside the table under the same
    name in the schema `changed`, where the next models find them (`ref`), and in place of those
    persons' old rows (docs/decisions/0020). -#}
{% materialization by_person, adapter="duckdb" %}
    {%- set former = load_cached_relation(this) -%}
    {% if not is_build_of_changed() or former is none or not former.is_table %}
        {{ return(dbt.materialization_table_duckdb()) }}
    {% endif %}

    {%- set target_relation = this.incorporate(type='table') -%}
    {%- set rows_of_changed = changed_rows(this) -%}
    {%- set columns = adapter.get_columns_in_relation(target_relation)
        | map(attribute='quoted') | join(', ') -%}
    {{ run_hooks(pre_hooks, inside_transaction=False) }}
    {{ run_hooks(pre_hooks, inside_transaction=True) }}
    {% do adapter.create_schema(rows_of_changed) %}
    {{ drop_relation_if_exists(load_cached_relation(rows_of_changed)) }}
    {% call statement('changed_rows') -%}
        {{ create_table_as(False, rows_of_changed, compiled_code, 'sql') }}
    {%- endcall %}
    {% call statement('former_rows') -%}
        delete from {{ target_relation }}
        where patient_id in (select patient_id from {{ changed_persons() }})
    {%- endcall %}
    {% call statement('main') -%}
        insert into {{ target_relation }} ({{ columns }})
        select {{ columns }} from {{ rows_of_changed }}
    {%- endcall %}
    {{ run_hooks(post_hooks, inside_transaction=True) }}
    {{ adapter.commit() }}
    {{ run_hooks(post_hooks, inside_transaction=False) }}
    {{ return({'relations': [target_relation]}) }}
{% endmaterialization %}


{#- Where a build of changed persons puts their rows of a table. -#}
{% macro changed_rows(relation) -%}
    {{ return(api.Relation.create(
        database=relation.database,
        schema='changed',
        identifier=relation.identifier,
        type='table'
    )) }}
{%- endmacro %}


{#- The persons a build of changed persons is about, for macros: they cannot declare a `ref`. -#}
{% macro changed_persons() -%}
    {{ return(api.Relation.create(
        database=this.database,
        schema='intermediate',
        identifier='int_changed_person',
        type='table'
    )) }}
{%- endmacro %}


{#- Whether this build computes the rows of changed persons only. -#}
{% macro is_build_of_changed() -%}
    {{ return(execute and env_var('ATMP_RWE_BUILD', 'everybody') == 'changed') }}
{%- endmacro %}


{#- The condition that a model about one person at a time puts on rows of a whole table. -#}
{% macro where_changed() -%}
    {%- if is_build_of_changed() -%}
        where patient_id in (select changed.patient_id from {{ changed_persons() }} as changed)
    {%- endif -%}
{%- endmacro %}


{#- The last number that the rows already in this table use: a build of changed persons counts on. -#}
{% macro last_number(column) -%}
    {%- if is_build_of_changed() -%}
        (select coalesce(max({{ column }}), 0) from {{ this }})
    {%- else -%}
        0
    {%- endif -%}
{%- endmacro %}


{#- Other engines build everybody: there it is a table. -#}
{% materialization by_person, adapter="spark" %}
    {{ return(dbt.materialization_table_spark()) }}
{% endmaterialization %}
