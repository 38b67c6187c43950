{{ config(severity='error', meta={'kahn': 'conformance'}) }}

-- The dictionary is read by people and by SQL: a typing error in it would be an event nobody has.
select
    endpoints.endpoint,
    evidence.evidence_code
from {{ ref('endpoints') }} as endpoints
left join {{ ref('endpoint_evidence') }} as evidence
    on endpoints.endpoint = evidence.endpoint
left join {{ ref('event_type') }} as event_types
    on
        evidence.evidence_kind = 'event'
        and evidence.evidence_code = event_types.id
left join (select distinct category from {{ ref('response') }}) as responses
    on
        evidence.evidence_kind = 'response'
        and evidence.evidence_code = responses.category
left join (
    select id from {{ ref('derivation') }}
    union
    select id from {{ ref('function_response') }}
) as derivations
    on
        evidence.evidence_kind = 'derived'
        and evidence.evidence_code = derivations.id
where
    evidence.endpoint is null
    or evidence.evidence_kind not in ('event', 'response', 'derived', 'infusion', 'death')
    or (evidence.evidence_kind = 'derived' and derivations.id is null)
    or (evidence.evidence_kind = 'event' and event_types.id is null)
    or (evidence.evidence_kind = 'response' and responses.category is null)
    or (evidence.evidence_kind in ('infusion', 'death') and evidence.evidence_code <> 'any')
    or evidence.role not in ('own', 'competing')
    or evidence.boundary not in ('any', 'on_or_after', 'strictly_after')
    or evidence.scope not in ('person', 'treatment')
    or evidence.precedence not between 1 and 99
