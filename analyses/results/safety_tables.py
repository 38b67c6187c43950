"""The released tables of safety: rates, recurrent events, standardised incidence.

Belongs here: their columns. Does not belong here: how they are filled (analyses.evaluation).
"""

from __future__ import annotations

from analyses.results.columns import (
    AT_RISK,
    ERROR,
    LOWER,
    P_VALUE,
    SET,
    STRATUM,
    TIME,
    UPPER,
    Table,
    table,
)

_TYPE = ("event_type", "VARCHAR", "type of event, with `_grade_<n>` for grade n or more")
_PEOPLE = ("n", "BIGINT", "people analysed")
_YEARS = ("person_years", "DOUBLE", "years at risk of all people together")

SAFETY_TABLES: dict[str, Table] = {
    "incidence_rate": table(
        "Exposure-adjusted rates. One row per stratum, event type, counting and method.",
        SET,
        STRATUM,
        _TYPE,
        (
            "counting",
            "VARCHAR",
            "first (time ends at it; not of who had one before registration) or all (every event)",
        ),
        ("method", "VARCHAR", "exact_poisson, robust (sandwich) or negative_binomial limits"),
        _PEOPLE,
        ("n_with_event", "BIGINT", "people with at least one event"),
        ("n_event", "BIGINT", "events counted; one a person, type and day"),
        _YEARS,
        ("rate_per_100_years", "DOUBLE", "events per 100 person-years"),
        LOWER,
        UPPER,
        (
            "dispersion",
            "DOUBLE",
            "Pearson's statistic per degree of freedom: above 1, limits of Poisson are too narrow",
        ),
    ),
    "mean_cumulative_count": table(
        (
            "Mean number of events a person, death ending them (Ghosh and Lin). "
            "One row per stratum, event type and time."
        ),
        SET,
        STRATUM,
        _TYPE,
        TIME,
        AT_RISK,
        ("n_event", "BIGINT", "events at this time"),
        ("n_death", "BIGINT", "deaths at this time"),
        ("mean_count", "DOUBLE", "mean number of events up to this time"),
        ERROR,
        LOWER,
        UPPER,
    ),
    "standardised_incidence": table(
        (
            "Observed against expected events, by sex, age and year. "
            "One row per stratum and event type."
        ),
        SET,
        STRATUM,
        _TYPE,
        ("method", "VARCHAR", "exact (Poisson) or mid_p limits"),
        _PEOPLE,
        ("observed", "BIGINT", "people with the event while at risk, the first one of each"),
        ("expected", "DOUBLE", "events expected at the rates of the reference population"),
        _YEARS,
        ("ratio", "DOUBLE", "observed over expected"),
        LOWER,
        UPPER,
        P_VALUE,
    ),
}
