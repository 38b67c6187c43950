-- The portfolio, and how many persons of the other sources are known to take part in each trial:
-- far fewer than are enrolled where a trial runs outside the registries.
with

participants as (
    select
        trial_id,
        count(distinct patient_id) as n_participants
    from {{ ref('trial_participation') }}
    group by trial_id
)

select
    trials.source,
    trials.trial_id,
    trials.nct_number,
    trials.title,
    trials.phase,
    trials.sponsor_type,
    trials.product,
    trials.indication,
    trials.status,
    trials.centres,
    cast(trials.n_centres as integer) as n_centres,
    trials.opening_date,
    trials.closing_date,
    trials.planned_enrolment,
    trials.actual_enrolment,
    cast(coalesce(participants.n_participants, 0) as bigint) as n_participants,
    trials.updated_date
from {{ ref('int_trial') }} as trials
left join participants
    on trials.trial_id = participants.trial_id
