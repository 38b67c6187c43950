{#- In a build of changed persons, what is computed a person at a time reads the rows of changed
    persons only, of those models that keep the rows of everybody (`by_person`). All other models
    and tests read whole tables. -#}
{% macro ref() -%}
    {%- set relation = builtins.ref(*varargs, **kwargs) -%}
    {%- if is_build_of_changed() and is_about_one_person(model) -%}
        {%- set read = graph.nodes.get('model.' ~ project_name ~ '.' ~ varargs[-1]) -%}
        {%- if read and read.config.materialized == 'by_person' -%}
            {{ return(changed_rows(relation)) }}
        {%- endif -%}
    {%- endif -%}
    {{ return(relation) }}
{%- endmacro %}


{#- Whether what a node selects about a person follows from rows about that person alone (meta
    `grain: person`). So do tests that look at one person at a time, where any failure is an error: in
    the build before there was none. A test that warns counts everybody's. -#}
{% macro is_about_one_person(node) -%}
    {%- set test = node.test_metadata if node.resource_type == 'test' else none -%}
    {%- if not test -%}
        {{ return(node.config.meta.grain == 'person') }}
    {%- endif -%}
    {%- set tested = graph.nodes.get(node.attached_node) -%}
    {%- set is_within_person = (
        test.name == 'known_patient'
        or (test.name == 'primary_key' and 'patient_id' in test.kwargs.columns)
    ) -%}
    {{ return(
        is_within_person
        and node.config.severity | lower == 'error'
        and tested
        and tested.config.meta.grain == 'person'
    ) }}
{%- endmacro %}
