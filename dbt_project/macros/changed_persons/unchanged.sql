{#- Seeds and views are the same in every build of one code, so a build that starts from an earlier
    one of the same code leaves them as they are. -#}
{% materialization view, adapter="duckdb", supported_languages=['sql'] %}
    {%- set former = load_cached_relation(this) -%}
    {% if not is_build_of_changed() or former is none %}
        {{ return(dbt.materialization_view_default()) }}
    {% endif %}
    {% call noop_statement('main', 'UNCHANGED', 'UNCHANGED') -%} {%- endcall %}
    {{ return({'relations': [former]}) }}
{% endmaterialization %}


{% materialization seed, adapter="duckdb" %}
    {%- set former = load_cached_relation(this) -%}
    {% if not is_build_of_changed() or former is none %}
        {{ return(dbt.materialization_seed_default()) }}
    {% endif %}
    {% do store_result('agate_table', response='OK', agate_table=load_agate_table()) %}
    {% call noop_statement('main', 'UNCHANGED', 'UNCHANGED') -%} {%- endcall %}
    {{ return({'relations': [former]}) }}
{% endmaterialization %}
