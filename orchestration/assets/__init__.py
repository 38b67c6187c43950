"""Dagster assets, one module per stage: landing, raw, harmonised, evaluations, release."""
