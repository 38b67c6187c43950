{#- The models that make up each table of the common extract format: one line a source and layer, which
    names the tables. `stg_<source>__<table>` where each delivered row is read by itself,
    `int_<source>__<table>` where that takes other rows or a code list. -#}
{% macro delivered_tables() -%}
    {{ return({
        'common_extract': {
            'stg': [
                'patients', 'treatments', 'events', 'assessments', 'covariates', 'observations',
                'questionnaires', 'stays',
            ],
            'int': ['status_reports'],
        },
        'cart_registry': {
            'stg': [
                'patients', 'status_reports', 'treatments', 'events', 'assessments', 'covariates',
                'observations',
            ],
        },
        'epro': {'stg': ['questionnaires']},
        'historical_control': {
            'stg': [
                'patients', 'status_reports', 'treatments', 'events', 'assessments', 'covariates',
            ],
        },
        'omop': {
            'stg': ['status_reports'],
            'int': ['patients', 'treatments', 'events', 'covariates', 'observations'],
        },
        'trials': {'stg': ['trials']},
        'transplant_registry': {
            'stg': ['patients', 'status_reports', 'treatments', 'assessments', 'covariates'],
            'int': ['events', 'episodes'],
        },
        'pmsi': {'int': ['stays', 'status_reports']},
        'pharmacy': {'stg': ['product_orders', 'product_batches', 'product_dispensations']},
    }) }}
{%- endmacro %}


{#- The rows of every source that delivers a table, with its columns named: the order of a model's
    columns, and those it has besides, do not matter. -#}
{% macro delivered(table, columns) -%}
    {%- set models = [] -%}
    {%- for source, layers in delivered_tables().items() -%}
        {%- for layer, tables in layers.items() if table in tables -%}
            {%- do models.append(layer ~ '_' ~ source ~ '__' ~ table) -%}
        {%- endfor -%}
    {%- endfor -%}
    {% for model_name in models -%}
        select
            {% for column in columns -%}
                {{ column }}{{ ',' if not loop.last }}
            {% endfor -%}
        from {{ ref(model_name) }}
        {{ 'union all' if not loop.last }}
    {% endfor %}
{%- endmacro %}
