-- Everything that can be an event of an endpoint, in one long table: dated clinical events,
-- assessed responses, what measurements show, infusions, deaths. Only what the seed
-- `endpoint_evidence` names is kept.
with

evidence as (
    select
        'event' as evidence_kind,
        event_type as evidence_code,
        source,
        patient_id,
        treatment_id,
        cast(null as {{ text_type() }}) as product,
        {{ code_key('detail') }} as detail,
        grade,
        event_date as evidence_date
    from {{ ref('int_event') }}

    union all

    select
        'response' as evidence_kind,
        response_category as evidence_code,
        source,
        patient_id,
        treatment_id,
        cast(null as {{ text_type() }}) as product,
        cast(null as {{ text_type() }}) as detail,
        cast(null as integer) as grade,
        assessment_date as evidence_date
    from {{ ref('int_assessment') }}

    union all

    select
        'infusion' as evidence_kind,
        'any' as evidence_code,
        source,
        patient_id,
        treatment_id,
        product,
        cast(null as {{ text_type() }}) as detail,
        cast(null as integer) as grade,
        infusion_date as evidence_date
    from {{ ref('int_treatment') }}
    where infusion_date is not null

    union all

    select
        'derived' as evidence_kind,
        derivation as evidence_code,
        source,
        patient_id,
        treatment_id,
        cast(null as {{ text_type() }}) as product,
        cast(null as {{ text_type() }}) as detail,
        cast(null as integer) as grade,
        derived_date as evidence_date
    from {{ ref('int_derived_event') }}

    union all

    select
        'death' as evidence_kind,
        'any' as evidence_code,
        cast(null as {{ text_type() }}) as source,
        patient_id,
        cast(null as {{ text_type() }}) as treatment_id,
        cast(null as {{ text_type() }}) as product,
        cast(null as {{ text_type() }}) as detail,
        cast(null as integer) as grade,
        death_date as evidence_date
    from {{ ref('int_person') }}
    where death_date is not null
),

named as (
    select distinct
        evidence_kind,
        evidence_code
    from {{ ref('endpoint_evidence') }}
)

select
    evidence.evidence_kind,
    evidence.evidence_code,
    evidence.source,
    evidence.patient_id,
    evidence.treatment_id,
    evidence.product,
    evidence.detail,
    evidence.grade,
    evidence.evidence_date
from evidence
inner join named
    on
        evidence.evidence_kind = named.evidence_kind
        and evidence.evidence_code = named.evidence_code
where evidence.evidence_date is not null
