{{ config(severity='error', meta={'kahn': 'conformance'}) }}

-- The rules are read by people and by SQL: a field compared without one, or a word no model knows,
-- would be settled by chance.
select
    conflicts.field,
    'a field without a rule' as finding
from (select distinct field from {{ ref('source_conflict') }}) as conflicts
left join {{ ref('field_precedence') }} as rules
    on conflicts.field = rules.field
where rules.field is null

union all

select
    field,
    criterion as finding
from {{ ref('field_precedence') }}
where
    precedence not between 1 and 19
    or (
        criterion not like 'source:%'
        and not (field in ('death_date', 'death_cause') and criterion in (
            'dated', 'plausible', 'earliest', 'latest'
        ))
        and not (field = 'vital_status' and criterion = 'dead')
        and not (field = 'order_date' and criterion = 'registry')
        and not (
            field in (
                'sex',
                'birth_year',
                'infusion_date',
                'order_date',
                'apheresis_date',
                'decision_date',
                'product',
                'indication',
                'line',
                'crs_grade',
                'icans_grade'
            )
            and criterion = 'source_name'
        )
    )
