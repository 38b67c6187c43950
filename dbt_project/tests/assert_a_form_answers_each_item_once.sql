{{ config(severity='warn', meta={'kahn': 'plausibility'}) }}

-- Answers that differ make the item missing in the scores. Equal numbers written in two ways agree.
select
    form_number,
    item
from {{ ref('int_questionnaire_answer') }}
where answer is not null
group by form_number, item
having count(distinct coalesce(
    cast({{ try_number("replace(answer, ',', '.')") }} as {{ text_type() }}),
    answer
)) > 1
