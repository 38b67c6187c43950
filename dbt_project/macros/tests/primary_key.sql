{#- The named columns are the key of the table: no two rows share them, and each is filled, but for
    those that say something by being NULL. Fails with one row per broken key. -#}
{% test primary_key(model, columns, nullable=[]) %}
    select
        {{ columns | join(', ') }},
        count(*) as n_rows
    from {{ model }}
    group by {{ columns | join(', ') }}
    having
        count(*) > 1
        {% for column in columns if column not in nullable -%}
            or {{ column }} is null
        {% endfor %}
{% endtest %}
