-- Where each treatment's clock starts, once for each analysis set it belongs to, and the days on
-- which it may be censored. A set whose clock starts before the source registers anybody would be
-- immortal until then, so it is left out (seed `analysis_set`).
with

clock as (
    select
        treatments.source,
        treatments.patient_id,
        treatments.treatment_id,
        treatments.product,
        treatments.infusion_date,
        analysis_sets.analysis_set,
        case analysis_sets.clock
            when 'decision' then treatments.decision_date
            when 'apheresis' then treatments.apheresis_date
            when 'infusion' then treatments.infusion_date
        end as start_date,
        sources.delivery_date as cutoff_date
    from {{ ref('int_treatment') }} as treatments
    left join {{ ref('stg_deliveries__source_registry') }} as sources
        on treatments.source = sources.source
    left join {{ ref('analysis_set') }} as registered
        on coalesce(sources.registers_from, 'infusion') = registered.clock
    inner join {{ ref('analysis_set') }} as analysis_sets
        on registered.step <= analysis_sets.step
)

select
    -- A short key for the joins and groupings of the next models; never released.
    row_number() over (
        order by clock.source, clock.patient_id, clock.treatment_id, clock.analysis_set
    ) as index_number,
    clock.source,
    clock.patient_id,
    clock.treatment_id,
    clock.product,
    clock.infusion_date,
    clock.analysis_set,
    clock.start_date,
    clock.cutoff_date,
    patients.registration_date,
    person.death_date_imputed,
    person.death_cause,
    -- A death proves life until then.
    greatest(person.last_contact_date, person.death_date) as last_known_date
from clock
left join {{ ref('int_patient') }} as patients
    on
        clock.source = patients.source
        and clock.patient_id = patients.patient_id
left join {{ ref('int_person') }} as person
    on clock.patient_id = person.patient_id
where clock.start_date is not null
