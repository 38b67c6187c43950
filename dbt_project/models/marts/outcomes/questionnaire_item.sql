-- The name of an item no instrument has is what was delivered, unless it is somebody's words.
select
    forms.source,
    forms.patient_id,
    forms.questionnaire_id,
    forms.instrument,
    case
        when items.state = 'unknown_item' and ({{ is_free_text('items.item') }}) then 'free_text'
        else items.item
    end as item,
    items.state,
    cast(count(*) as integer) as n_items
from {{ ref('int_questionnaire_item') }} as items
inner join {{ ref('int_questionnaire_form') }} as forms
    on items.form_number = forms.form_number
where items.state is not null
group by
    forms.source,
    forms.patient_id,
    forms.questionnaire_id,
    forms.instrument,
    case
        when items.state = 'unknown_item' and ({{ is_free_text('items.item') }}) then 'free_text'
        else items.item
    end,
    items.state
