-- The populations of the road to the infusion, nested: a treatment belongs to that of the furthest
-- step it is known to have reached and to all before it, also where the date of one is not told. No
-- cells are collected and no batch is made for a product that is the same for everybody.
with

reached as (
    select
        treatments.source,
        treatments.patient_id,
        treatments.treatment_id,
        treatments.decision_date,
        treatments.order_date,
        treatments.apheresis_date,
        treatments.release_date,
        treatments.infusion_date,
        -- A product no list knows may be of the person's own cells.
        coalesce(products.product_type, 'car_t') in ('car_t', 'ex_vivo_gene_therapy')
        or treatments.apheresis_date is not null as is_of_own_cells,
        case
            when treatments.infusion_date is not null then 6
            when
                treatments.release_date is not null
                or treatments.batch_outcome in ('released', 'out_of_specification')
                then 5
            when treatments.apheresis_date is not null then 4
            when treatments.order_date is not null then 3
            when coalesce(treatments.not_infused_reason, '') = 'ineligible' then 1
            when treatments.decision_date is not null then 2
            else 1
        end as furthest_step
    from {{ ref('int_treatment') }} as treatments
    left join {{ ref('product') }} as products
        on treatments.product = products.id
)

select
    reached.source,
    reached.patient_id,
    reached.treatment_id,
    populations.population,
    cast(populations.step as integer) as step_number,
    case populations.population
        when 'ordered' then reached.order_date
        when 'apheresed' then reached.apheresis_date
        when 'manufactured' then reached.release_date
        when 'infused' then reached.infusion_date
        else reached.decision_date
    end as reached_date
from reached
inner join {{ ref('population_step') }} as populations
    on reached.furthest_step >= populations.step
where
    reached.is_of_own_cells
    or populations.population not in ('apheresed', 'manufactured')
