"""Tables of survival analyses beside curves, tests and models: contrasts, quantiles, bands, courses
through states, landmarks, subgroups.

Belongs here: those tables. Does not belong here: curves, summaries and models (tables.py).
"""

from __future__ import annotations

from analyses.results.columns import (
    ADJUSTMENT,
    AT_RISK,
    CAUSE,
    ENDPOINT,
    ERROR,
    EVENTS,
    LIMITS,
    LOWER,
    P_VALUE,
    SET,
    STRATUM,
    TIME,
    UPPER,
    Table,
    table,
)

_HORIZON = ("horizon_days", "DOUBLE", "days since the start of the clock")
_STATE = ("state", "VARCHAR", "state of the course: apheresis, infusion, response, relapse, death")

SURVIVAL_TABLES: dict[str, Table] = {
    "contrast": table(
        "Differences and ratios between strata. One row per endpoint, level, contrast and horizon.",
        ENDPOINT,
        SET,
        ADJUSTMENT,
        ("stratify_by", "VARCHAR", "the variable whose known levels are compared"),
        ("level", "VARCHAR", "the level compared with the reference"),
        ("reference", "VARCHAR", "the reference level"),
        (
            "contrast",
            "VARCHAR",
            (
                "rmst_difference (restricted means, days), rmst_ratio, survival_difference "
                "(of probabilities)"
            ),
        ),
        _HORIZON,
        ("estimate", "DOUBLE", "level less reference, or divided by it; NULL beyond the data"),
        ("std_error", "DOUBLE", "standard error; of a ratio that of its logarithm"),
        LOWER,
        UPPER,
        P_VALUE,
    ),
    "survival_quantile": table(
        "Times by which shares of the people had the event. One row per endpoint, stratum, share.",
        ENDPOINT,
        SET,
        ADJUSTMENT,
        STRATUM,
        ("n", "BIGINT", "people analysed"),
        EVENTS,
        ("probability", "DOUBLE", "share of the people with the event: 0.25, 0.5, 0.75"),
        ("time_days", "DOUBLE", "days by which so many had it; NULL when not reached"),
        ("ci_lower", "DOUBLE", "lower 95 % limit (where the curve's upper limit reaches it), days"),
        ("ci_upper", "DOUBLE", "upper 95 % limit, days; NULL when not reached"),
    ),
    "survival_band": table(
        "Simultaneous 95 % bands of Kaplan-Meier curves. One row per endpoint, stratum and time.",
        ENDPOINT,
        SET,
        ADJUSTMENT,
        STRATUM,
        TIME,
        ("band", "VARCHAR", "equal_precision or hall_wellner"),
        ("transform", "VARCHAR", "scale of the band: log-log"),
        ("survival", "DOUBLE", "probability of no event up to and including this time"),
        ("band_lower", "DOUBLE", "lower edge: the whole curve is between the edges with 95 %"),
        ("band_upper", "DOUBLE", "upper edge"),
        ("critical_value", "DOUBLE", "what stands in the place of 1.96 of pointwise limits"),
    ),
    "state_probability": table(
        "Probability of being in each state (Aalen-Johansen). One row per stratum, state and time.",
        SET,
        ADJUSTMENT,
        STRATUM,
        _STATE,
        TIME,
        ("n_at_risk", "BIGINT", "people in the state, under observation, just before this time"),
        ("n_event", "BIGINT", "people who enter the state at this time"),
        ("probability", "DOUBLE", "probability of being in the state just after this time"),
        ("std_error", "DOUBLE", "infinitesimal-jackknife standard error"),
        LOWER,
        UPPER,
    ),
    "state_time": table(
        "Expected time in each state up to a horizon. One row per stratum, state and horizon.",
        SET,
        ADJUSTMENT,
        STRATUM,
        _STATE,
        _HORIZON,
        ("n", "BIGINT", "people analysed"),
        (
            "mean_days",
            "DOUBLE",
            "expected days in the state up to the horizon; NULL beyond the data",
        ),
        *LIMITS,
    ),
    "state_transition": table(
        "Moves between states. One row per stratum, state left and state entered.",
        SET,
        ADJUSTMENT,
        STRATUM,
        ("from_state", "VARCHAR", "state left"),
        ("to_state", "VARCHAR", "state entered; NULL: observation ended in from_state"),
        ("n", "BIGINT", "people who made the move"),
    ),
    "transition_probability": table(
        (
            "Probability of being in a state at a horizon for those in a state at an earlier day "
            "(Aalen-Johansen). One row per stratum, day, horizon, state left and state entered."
        ),
        SET,
        ADJUSTMENT,
        STRATUM,
        ("from_days", "DOUBLE", "days since the start of the clock: 0 or a horizon"),
        _HORIZON,
        ("from_state", "VARCHAR", "state at from_days, in which somebody is under observation"),
        ("to_state", "VARCHAR", "state at horizon_days"),
        ("n_at_risk", "BIGINT", "people in from_state, under observation, after from_days"),
        (
            "probability",
            "DOUBLE",
            "for a course in which only the present state matters (Markov); NULL beyond the data",
        ),
        ("std_error", "DOUBLE", "Greenwood standard error"),
        LOWER,
        UPPER,
    ),
    "landmark_curve": table(
        (
            "Survival by a state reached later, without immortal time. "
            "One row per endpoint, method, landmark, stratum and time."
        ),
        ENDPOINT,
        SET,
        ADJUSTMENT,
        ("state", "VARCHAR", "what is reached: response, relapse, next_treatment, ..."),
        (
            "method",
            "VARCHAR",
            (
                "landmark (who is at risk at the landmark, by what they were then) or simon_makuch "
                "(people change group when they reach the state)"
            ),
        ),
        ("landmark_days", "DOUBLE", "day of the landmark, the new day 0; NULL for simon_makuch"),
        ("stratum", "VARCHAR", "reached or not_reached"),
        ("time_days", "DOUBLE", "days since the landmark, or since the start of the clock"),
        AT_RISK,
        ("n_event", "BIGINT", "people with the event at this time"),
        ("n_censored", "BIGINT", "people censored, or who change group, at this time"),
        ("survival", "DOUBLE", "Kaplan-Meier survival"),
        ERROR,
        LOWER,
        UPPER,
    ),
    "subgroup": table(
        "Effect of the stratum in subgroups. One row per endpoint, variable, level and term.",
        ENDPOINT,
        SET,
        ADJUSTMENT,
        CAUSE,
        ("variable", "VARCHAR", "the variable whose levels are the subgroups"),
        ("level", "VARCHAR", "level of the variable"),
        ("term", "VARCHAR", "stratum=level compared with the reference"),
        ("reference", "VARCHAR", "reference level of the stratum"),
        ("n", "BIGINT", "people in the subgroup"),
        EVENTS,
        ("hazard_ratio", "DOUBLE", "unadjusted; NULL with too few events or no finite estimate"),
        ("std_error", "DOUBLE", "standard error of the logarithm of the hazard ratio"),
        LOWER,
        UPPER,
        P_VALUE,
        (
            "interaction_p_value",
            "DOUBLE",
            "likelihood-ratio test that the effect is the same in all levels of the variable",
        ),
    ),
}
