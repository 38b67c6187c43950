{#- The first evidence of each endpoint after each start: days to it, and the precedence that tells,
    among evidence of one day, which row of the dictionary it is. One number holds both, so that a
    plain minimum finds the first: days * 100 + precedence (0 to 99, unique within an endpoint).
    `starts` has index_number, source, patient_id, treatment_id, product, infusion_date, start_date,
    cutoff_date; `starts_from` selects the endpoints of the dictionary. -#}
{% macro first_evidence(starts, starts_from) -%}
    select
        starts.index_number,
        dictionary.endpoint,
        min(
            {{ days_between('starts.start_date', 'evidence.evidence_date') }} * 100
            + dictionary.precedence
        ) as first_key
    from {{ starts }} as starts
    inner join {{ ref('int_evidence') }} as evidence
        on
            starts.patient_id = evidence.patient_id
            and evidence.evidence_date <= coalesce(starts.cutoff_date, evidence.evidence_date)
    inner join {{ ref('endpoint_evidence') }} as dictionary
        on
            evidence.evidence_kind = dictionary.evidence_kind
            and evidence.evidence_code = dictionary.evidence_code
            and coalesce(evidence.grade, 0) >= dictionary.min_grade
            and (dictionary.detail is null or evidence.detail = dictionary.detail)
    inner join {{ ref('endpoints') }} as endpoints
        on
            dictionary.endpoint = endpoints.endpoint
            and endpoints.starts_from = '{{ starts_from }}'
    inner join {{ ref('tolerance') }} as same_infusion
        on same_infusion.id = 'same_infusion'
    where
        -- Death is evidence wherever it lies: one before the start shows as a negative duration.
        (
            dictionary.boundary = 'any'
            or evidence.evidence_date > starts.start_date
            or (
                dictionary.boundary = 'on_or_after'
                and evidence.evidence_date = starts.start_date
            )
        )
        -- What belongs to one treatment does not happen to another.
        and (
            dictionary.scope = 'person'
            or evidence.treatment_id is null
            or (evidence.source = starts.source and evidence.treatment_id = starts.treatment_id)
        )
        -- An infusion counts as a later one when it is not this one, told by this source or another.
        and not (
            evidence.evidence_kind = 'infusion'
            and (
                (evidence.source = starts.source and evidence.treatment_id = starts.treatment_id)
                or (
                    evidence.source <> starts.source
                    and evidence.product = starts.product
                    and abs({{ days_between(
                        'coalesce(starts.infusion_date, starts.start_date)',
                        'evidence.evidence_date'
                    ) }}) <= same_infusion.value
                )
            )
        )
    group by starts.index_number, dictionary.endpoint
{%- endmacro %}
