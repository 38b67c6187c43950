{#- One row per key: the copy delivered last. A snapshot repeats a row when it is exported twice and an
    increment when it is corrected; in both the last one is what the source now says.
    The order is total within a source (delivery, file, row), so two runs keep the same copy. -#}
{% macro latest_copy(relation, key) -%}
    select *
    from (
        select
            *,
            row_number() over (
                partition by {{ key | join(', ') }}
                order by delivery_date desc, delivered_file desc, delivered_row desc
            ) as copy_number
        from {{ relation }}
    ) as copies
    where copy_number = 1
{%- endmacro %}


{#- The rows of the last delivery that has any for a key: an increment that tells a key again replaces
    what earlier ones told. Several rows of one delivery stay, since a source may contradict itself. -#}
{% macro latest_delivery(relation, key) -%}
    select *
    from (
        select
            *,
            max(delivery_date) over (partition by {{ key | join(', ') }}) as last_delivery_date
        from {{ relation }}
    ) as deliveries
    where delivery_date = last_delivery_date
{%- endmacro %}
