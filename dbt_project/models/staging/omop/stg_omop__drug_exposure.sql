select
    _source as source,
    {{ text('drug_exposure_id') }} as treatment_id,
    {{ text('person_id') }} as patient_id,
    {{ text('drug_concept_id') }} as concept,
    {{ text('drug_source_value') }} as source_value,
    cast(drug_exposure_start_date as date) as exposure_date,
    {{ text('lot_number') }} as batch_id,
    cast(_delivery as date) as delivery_date,
    cast(_file as {{ text_type() }}) as delivered_file,
    cast(_row as bigint) as delivered_row
from {{ source('raw', 'omop__drug_exposure') }}
