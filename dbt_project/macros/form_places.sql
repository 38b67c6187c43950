{#- A form with a place of its own for each kind of event, as one row an event told. `places` lists
    (event type, column of the status, of the onset, of the grade, of the resolution); the last two may
    be `null`. Statuses: 1 yes, 2 yes and previously reported; other answers tell no event. -#}
{% macro form_places(relation, places) -%}
    {% for event_type, status, onset, grade, resolution in places -%}
        select
            '{{ event_type }}' as event_type,
            {{ status }} as status,
            {{ onset }} as onset_date,
            {{ grade }} as grade,
            {{ resolution }} as resolution_date,
            *
        from {{ relation }}
        where {{ status }} in (1, 2)
        {{ 'union all' if not loop.last }}
    {% endfor %}
{%- endmacro %}
