{{ config(severity='warn', meta={'kahn': 'conformance'}) }}

-- A later form tells an episode as new that an earlier one told. By its onset it is the same one.
select
    reports.source,
    reports.treatment_id,
    reports.event_type,
    reports.onset_date,
    reports.report_date
from {{ ref('stg_transplant_registry__episode_reports') }} as reports
inner join {{ ref('stg_transplant_registry__episode_reports') }} as earlier
    on
        reports.source = earlier.source
        and reports.treatment_id = earlier.treatment_id
        and reports.event_type = earlier.event_type
        and reports.onset_date = earlier.onset_date
        and reports.report_date > earlier.report_date
where
    not reports.is_told_again
    and not earlier.is_told_again
group by
    reports.source,
    reports.treatment_id,
    reports.event_type,
    reports.onset_date,
    reports.report_date
