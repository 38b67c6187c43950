{#- The staging models that make up each table of the common extract format: one line a source, which
    names the tables it delivers. A source's own models are `stg_<source>__<table>`. -#}
{% macro delivered_tables() -%}
    {{ return({
        'common_extract': [
            'patients', 'status_reports', 'treatments', 'events', 'assessments', 'covariates',
            'observations', 'questionnaires', 'stays',
        ],
        'cart_registry': [
            'patients', 'status_reports', 'treatments', 'events', 'assessments', 'covariates',
            'observations',
        ],
        'epro': ['questionnaires'],
        'historical_control': [
            'patients', 'status_reports', 'treatments', 'events', 'assessments', 'covariates',
        ],
        'omop': [
            'patients', 'status_reports', 'treatments', 'events', 'covariates', 'observations',
        ],
        'trials': ['trials'],
        'transplant_registry': [
            'patients', 'status_reports', 'treatments', 'events', 'assessments', 'covariates',
            'episodes',
        ],
        'pmsi': ['stays', 'status_reports'],
        'pharmacy': ['product_orders', 'product_batches', 'product_dispensations'],
    }) }}
{%- endmacro %}


{#- The rows of every source that delivers a table, with its columns named: the order of a staging
    model's columns, and those it has besides, do not matter. -#}
{% macro delivered(table, columns) -%}
    {%- set sources = [] -%}
    {%- for source, tables in delivered_tables().items() if table in tables -%}
        {%- do sources.append(source) -%}
    {%- endfor -%}
    {% for source in sources -%}
        select
            {% for column in columns -%}
                {{ column }}{{ ',' if not loop.last }}
            {% endfor -%}
        from {{ ref('stg_' ~ source ~ '__' ~ table) }}
        {{ 'union all' if not loop.last }}
    {% endfor %}
{%- endmacro %}
