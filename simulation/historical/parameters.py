"""Generating parameters of the historical controls. Values only: no sampling, no files.

The law is that of the CAR-T cohort with a third treatment: given age, sex, ECOG and LDH its
progression-free hazard is proportional to theirs, so the conditional hazard ratio is known exactly.
The covariates differ (older, sicker, one line earlier), so a naive comparison does not recover it.
All values are assumed, in the range of published salvage cohorts, and nobody's data.
"""

from dataclasses import replace

from simulation.cart.parameters import DEFAULT, CovariateLaw

SALVAGE = "salvage_chemotherapy"

PARAMETERS = replace(
    DEFAULT,
    covariates=CovariateLaw(
        age_mean=65.0,
        age_sd=11.0,
        ecog_cuts=(-0.75, 0.65, 1.6),
        ldh_log_mean=0.28,
        ldh_log_sd=0.50,
        bulky_intercept=-1.1,
        advanced_stage=0.78,
        line_shares=(0.72, 0.20, 0.06, 0.02),
        centres=12,
    ),
    progression=replace(DEFAULT.progression, theta={**DEFAULT.progression.theta, SALVAGE: 0.85}),
    post_progression=replace(
        DEFAULT.post_progression, psi={**DEFAULT.post_progression.psi, SALVAGE: 0.80}
    ),
    response=replace(
        DEFAULT.response,
        complete={**DEFAULT.response.complete, SALVAGE: -1.00},
        any={**DEFAULT.response.any, SALVAGE: 0.40},
    ),
)

CONTROLS_PER_CART_PATIENT = 0.5
FEWEST_CONTROLS = 20
FIRST_START = "2012-01-09"
ACCRUAL_DAYS = 2340
LOSS_PER_YEAR = 0.04
PROTOCOLS = ("R-DHAP", "R-ICE", "R-GDP", "R-GEMOX")
PROTOCOL_SHARES = (0.35, 0.30, 0.15, 0.20)
