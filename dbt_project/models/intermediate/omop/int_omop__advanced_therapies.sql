-- Among all exposures, those to a product of the code list: by a concept or a source value that the
-- contract maps, by the name of the product or an alias (ATC codes are aliases); and whatever ATC
-- counts as a cell or gene therapy (L01XL), so that a new one shows up as an unmapped code.
-- One infusion may be written in several exposures, a bag each: the first row of a day counts.
with

product_code as (
    select {{ code_key('id') }} as code_key
    from {{ ref('product') }}

    union

    select {{ code_key('alias') }} as code_key
    from {{ ref('alias') }}
    where code_list = 'product_code'

    union

    select {{ code_key('code') }} as code_key
    from {{ ref('stg_deliveries__code_map') }}
    where source = 'omop' and code_list = 'product_code'
),

exposures as (
    select * from {{ ref('stg_omop__drug_exposure') }}
),

named as (
    select
        exposures.*,
        case
            when by_concept.code_key is not null then exposures.concept
            else exposures.source_value
        end as product_code
    from exposures
    left join product_code as by_concept
        on {{ code_key('exposures.concept') }} = by_concept.code_key
    left join product_code as by_source_value
        on {{ code_key('exposures.source_value') }} = by_source_value.code_key
    where
        by_concept.code_key is not null
        or by_source_value.code_key is not null
        or upper(exposures.source_value) like 'L01XL%'
),

numbered as (
    select
        *,
        row_number() over (
            partition by delivery_date, patient_id, product_code, exposure_date
            order by delivered_file, delivered_row
        ) as bag
    from named
)

select
    source,
    treatment_id,
    patient_id,
    product_code,
    exposure_date as infusion_date,
    batch_id,
    delivery_date,
    delivered_file,
    delivered_row
from numbered
where bag = 1
