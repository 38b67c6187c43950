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
    select
        *,
        {{ text('drug_concept_id') }} as concept,
        {{ text('drug_source_value') }} as source_value
    from {{ source('raw', 'omop__drug_exposure') }}
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
            partition by _delivery, person_id, product_code, drug_exposure_start_date
            order by _file, _row
        ) as bag
    from named
)

select
    _source as source,
    {{ text('drug_exposure_id') }} as treatment_id,
    {{ text('person_id') }} as patient_id,
    product_code,
    cast(drug_exposure_start_date as date) as infusion_date,
    {{ text('lot_number') }} as batch_id,
    cast(_delivery as date) as delivery_date,
    cast(_file as {{ text_type() }}) as delivered_file,
    cast(_row as bigint) as delivered_row
from numbered
where bag = 1
