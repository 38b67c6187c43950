"""Dagster, and only what Dagster needs: when things run, and what gates what.

Rules about data live elsewhere: the shape of what arrives in contracts, plausibility in
Great Expectations suites, keys and derivations in dbt, statistics in ``analyses``.
"""
