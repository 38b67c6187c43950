select
    _source as source,
    {{ text('questionnaire_id') }} as questionnaire_id,
    {{ text('patient_id') }} as patient_id,
    cast(completed_date as date) as completed_date,
    {{ text('visit') }} as visit,
    {{ text('respondent') }} as respondent,
    {{ text('instrument') }} as instrument,
    {{ text('item') }} as item,
    {{ text('answer') }} as answer,
    {{ text('not_completed_reason') }} as not_completed_reason,
    cast(_delivery as date) as delivery_date,
    cast(_file as {{ text_type() }}) as delivered_file,
    cast(_row as bigint) as delivered_row
from {{ source('raw', 'epro__answers') }}
