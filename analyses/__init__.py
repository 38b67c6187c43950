"""Statistics: data frames or counts in, frozen results and tidy frames out.

Here belong the estimators, the study specification, disclosure control, figures and the report.
Nothing here knows how rows were delivered, harmonised or scheduled: no Dagster, no dbt, no reading
of raw deliveries. Import the part you need (`analyses.survival`, `analyses.quality_of_life`, ...);
this package itself imports nothing, so that it stays light.
"""
