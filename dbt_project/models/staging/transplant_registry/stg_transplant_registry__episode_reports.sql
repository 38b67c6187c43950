-- Each event a form tells, whether first told by it (status 1) or previously reported (status 2).
-- The form has one place for most kinds of events and two for infections; other answers tell none.
with

told as (
    {{ form_places(source('raw', 'transplant_registry__follow_up'), [
        ('crs', 'crs', 'crs_onset_date', 'crs_grade', 'crs_resolution_date'),
        ('icans', 'icans', 'icans_onset_date', 'icans_grade', 'icans_resolution_date'),
        (
            'infection',
            'infection_1',
            'infection_1_onset_date',
            'infection_1_grade',
            'infection_1_resolution_date',
        ),
        (
            'infection',
            'infection_2',
            'infection_2_onset_date',
            'infection_2_grade',
            'infection_2_resolution_date',
        ),
        (
            'prolonged_cytopenia',
            'prolonged_cytopenia',
            'prolonged_cytopenia_onset_date',
            'prolonged_cytopenia_grade',
            'prolonged_cytopenia_resolution_date',
        ),
        (
            'acute_gvhd',
            'acute_gvhd',
            'acute_gvhd_onset_date',
            'acute_gvhd_grade',
            'acute_gvhd_resolution_date',
        ),
        (
            'chronic_gvhd',
            'chronic_gvhd',
            'chronic_gvhd_onset_date',
            'chronic_gvhd_grade',
            'chronic_gvhd_resolution_date',
        ),
        ('progression', 'progression', 'progression_date', 'null', 'null'),
        ('second_malignancy', 'second_malignancy', 'second_malignancy_date', 'null', 'null'),
        ('next_treatment', 'next_treatment', 'next_treatment_date', 'null', 'null'),
    ]) }}
)

select
    _source as source,
    {{ text('patient_id') }} as patient_id,
    {{ text('treatment_id') }} as treatment_id,
    event_type,
    status = 2 as is_told_again,
    cast(onset_date as date) as onset_date,
    cast(grade as integer) as grade,
    cast(resolution_date as date) as resolution_date,
    cast(last_contact_date as date) as report_date,
    cast(_delivery as date) as delivery_date,
    cast(_file as {{ text_type() }}) as delivered_file,
    cast(_row as bigint) as delivered_row
from told
where status in (1, 2)
