{#- A form with a place of its own for each kind of event, as one row a place. `places` lists
    (event type, column of the status, of the onset, of the grade, of the resolution); the last two may
    be `null`. The form is read once, however many places it has. -#}
{% macro form_places(relation, places) -%}
    {%- set answers = {'status': 1, 'onset_date': 2, 'grade': 3, 'resolution_date': 4} -%}
    select
        place.event_type,
        {% for answer, at in answers.items() -%}
            case place.place
                {% for told in places if told[at] != 'null' -%}
                    when '{{ told[1] }}' then form.{{ told[at] }}
                {% endfor -%}
            end as {{ answer }},
        {% endfor -%}
        form.*
    from {{ relation }} as form
    cross join (
        {% for told in places -%}
            select
                '{{ told[0] }}' as event_type,
                '{{ told[1] }}' as place
            {{ 'union all' if not loop.last }}
        {% endfor %}
    ) as place
{%- endmacro %}
