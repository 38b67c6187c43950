select
    _source as source,
    {{ text('person_id') }} as patient_id,
    cast(episode_concept_id as bigint) as episode_concept_id,
    {{ text('episode_source_value') }} as episode_source_value,
    cast(episode_start_date as date) as episode_start_date,
    cast(episode_end_date as date) as episode_end_date,
    cast(episode_number as integer) as episode_number,
    cast(_delivery as date) as delivery_date,
    cast(_file as {{ text_type() }}) as delivered_file,
    cast(_row as bigint) as delivered_row
from {{ source('raw', 'omop__episode') }}
