-- Forms of consecutive periods tell the same event again; here each event is one episode, once.
-- A report that is new, or has an onset already told, belongs to the episode of that onset. One
-- that is flagged as previously reported, with no onset or another one, belongs to the last episode
-- of its kind that an earlier form told; without any, its own onset begins one (the form that told
-- it first is missing). The onset is that of the first report, the grade the highest, the
-- resolution the latest told. A report that no onset can place is left out.
with

reports as (
    select * from {{ ref('stg_transplant_registry__episode_reports') }}
),

new_starts as (
    select
        source,
        patient_id,
        treatment_id,
        event_type,
        onset_date,
        min(report_date) as first_report_date
    from reports
    where not is_told_again and onset_date is not null
    group by source, patient_id, treatment_id, event_type, onset_date
),

-- Told again, and never told before: the first such report begins the episode.
orphans as (
    select
        reports.source,
        reports.patient_id,
        reports.treatment_id,
        reports.event_type,
        min(reports.report_date) as first_report_date,
        {{ first_by('reports.onset_date', 'reports.report_date') }} as onset_date
    from reports
    left join new_starts
        on
            reports.source = new_starts.source
            and reports.patient_id = new_starts.patient_id
            and reports.treatment_id = new_starts.treatment_id
            and reports.event_type = new_starts.event_type
            and (
                reports.report_date > new_starts.first_report_date
                or reports.onset_date = new_starts.onset_date
            )
    where
        reports.is_told_again
        and reports.onset_date is not null
        and new_starts.patient_id is null
    group by reports.source, reports.patient_id, reports.treatment_id, reports.event_type
),

starts as (
    select
        source,
        patient_id,
        treatment_id,
        event_type,
        onset_date,
        first_report_date
    from new_starts

    union all

    select
        source,
        patient_id,
        treatment_id,
        event_type,
        onset_date,
        first_report_date
    from orphans
),

candidates as (
    select
        reports.*,
        starts.onset_date as episode_onset_date,
        row_number() over (
            partition by
                reports.source,
                reports.delivery_date,
                reports.delivered_file,
                reports.delivered_row,
                reports.event_type,
                reports.onset_date,
                reports.is_told_again
            order by
                case when starts.onset_date = reports.onset_date then 0 else 1 end,
                starts.onset_date desc
        ) as candidate_rank
    from reports
    inner join starts
        on
            reports.source = starts.source
            and reports.patient_id = starts.patient_id
            and reports.treatment_id = starts.treatment_id
            and reports.event_type = starts.event_type
            and (
                reports.onset_date = starts.onset_date
                or (reports.is_told_again and reports.report_date > starts.first_report_date)
            )
)

select
    {{ surrogate_key(
        ['source', 'patient_id', 'treatment_id', 'event_type', 'episode_onset_date']
    ) }} as event_id,
    source,
    patient_id,
    treatment_id,
    event_type,
    episode_onset_date as onset_date,
    max(resolution_date) as resolution_date,
    max(grade) as grade,
    cast(count(distinct report_date) as integer) as n_reports,
    cast(
        count(distinct onset_date)
        - count(distinct case when onset_date = episode_onset_date then onset_date end)
        as integer
    ) as n_other_onsets,
    max(delivery_date) as delivery_date,
    min(delivered_file) as delivered_file,
    min(delivered_row) as delivered_row
from candidates
where candidate_rank = 1
group by source, patient_id, treatment_id, event_type, episode_onset_date
