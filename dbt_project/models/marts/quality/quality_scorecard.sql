-- How complete each delivery used is, table by table, as it was loaded.
with

counted as (
    {{ missing_by_column(
        'patients',
        ref('int_delivered_patients'),
        [
            'patient_id',
            'sex',
            'birth_year',
            'birth_month',
            'registration_date'
        ]
    ) }}
    union all
    {{ missing_by_column(
        'treatments',
        ref('int_delivered_treatments'),
        [
            'treatment_id',
            'product_code',
            'indication_code',
            'line',
            'centre_id',
            'apheresis_date',
            'infusion_date'
        ]
    ) }}
    union all
    {{ missing_by_column(
        'events',
        ref('int_delivered_events'),
        [
            'event_type',
            'event_date',
            'treatment_id',
            'grade'
        ]
    ) }}
    union all
    {{ missing_by_column(
        'assessments',
        ref('int_delivered_assessments'),
        [
            'assessment_date',
            'criteria',
            'response'
        ]
    ) }}
    union all
    {{ missing_by_column(
        'covariates',
        ref('int_delivered_covariates'),
        [
            'name',
            'value'
        ]
    ) }}
    union all
    {{ missing_by_column(
        'observations',
        ref('int_delivered_observations'),
        [
            'observed_at',
            'code',
            'value',
            'unit'
        ]
    ) }}
    union all
    {{ missing_by_column(
        'questionnaires',
        ref('int_delivered_questionnaires'),
        [
            'completed_date',
            'instrument',
            'item',
            'answer'
        ]
    ) }}
    union all
    {{ missing_by_column(
        'stays',
        ref('int_delivered_stays'),
        [
            'admission_date',
            'discharge_date',
            'ghm',
            'cost_eur'
        ]
    ) }}
)

-- A person whom a later snapshot tells the same of keeps the rows of an earlier one in a build that
-- starts from that; they are in the later one just the same.
select
    counted.source,
    case
        when sources.delivery_mode = 'snapshot' then sources.delivery_date
        else counted.delivery_date
    end as delivery_date,
    counted.table_name,
    counted.column_name,
    cast(sum(counted.n_rows) as bigint) as n_rows,
    cast(sum(counted.n_missing) as bigint) as n_missing,
    cast(sum(counted.n_missing) as double) / sum(counted.n_rows) as share_missing
from counted
left join {{ ref('stg_deliveries__source_registry') }} as sources
    on counted.source = sources.source
group by
    counted.source,
    counted.table_name,
    counted.column_name,
    case
        when sources.delivery_mode = 'snapshot' then sources.delivery_date
        else counted.delivery_date
    end
