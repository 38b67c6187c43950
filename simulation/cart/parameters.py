"""Every generating parameter of the simulated CAR-T cohort. Values only: no sampling, no files.

Published targets are those of Bachy et al., Nat Med 2022 (PMC9556323; matched cohorts of the French
registry). The constants under "solved" were found by `python -m simulation.cart.calibration`, which
prints them again; a test recomputes the marginal values from simulated patients. All else is
assumed: plausible, and nobody's data.
"""

from dataclasses import asdict, dataclass, field

from simulation.products import AXI, BREXU, TISA

PRODUCTS = (AXI, TISA)
YEAR = 365
"""The horizon of the published 1-year values, in days: the study files say 365 too."""

TARGETS = {
    AXI: {"progression_free": 0.466, "overall": 0.635, "response": 0.80, "complete": 0.60},
    TISA: {"progression_free": 0.332, "overall": 0.488, "response": 0.66, "complete": 0.42},
}


@dataclass(frozen=True)
class CovariateLaw:
    """Distribution of the covariates at decision; a shared severity factor correlates them."""

    age_mean: float = 62.0
    age_sd: float = 12.5
    age_limits: tuple[float, float] = (18.0, 86.0)
    male: float = 0.62
    ecog_cuts: tuple[float, float, float] = (-0.35, 1.0, 1.9)
    ecog_loading: float = 0.55
    ldh_log_mean: float = 0.15
    ldh_log_sd: float = 0.45
    ldh_loading: float = 0.6
    ldh_limits: tuple[float, float] = (0.45, 5.0)
    bulky_intercept: float = -1.3
    bulky_severity: float = 0.7
    advanced_stage: float = 0.72
    extranodal: float = 0.38
    line_shares: tuple[float, float, float, float] = (0.58, 0.25, 0.11, 0.06)
    centres: int = 24


@dataclass(frozen=True)
class AssignmentLaw:
    """Logit of axi-cel against tisa-cel: the sicker get tisa-cel (confounding by indication)."""

    intercept: float = 1.0
    age_decade: float = -0.30
    ecog: float = -0.55
    ldh_ratio: float = -0.45
    bulky: float = -0.30
    centre_spread: float = 0.5


@dataclass(frozen=True)
class DropOutLaw:
    """Logit of not being infused once apheresed, and why."""

    intercept: float = -2.65
    ecog: float = 0.45
    ldh_ratio: float = 0.30
    line: float = 0.12
    tisa: float = 0.15
    reasons: dict[str, float] = field(
        default_factory=lambda: {
            "progression": 0.36,
            "death": 0.24,
            "manufacturing_failure": 0.13,
            "infection": 0.09,
            "patient_choice": 0.06,
            "remission": 0.04,
            "other": 0.08,
        }
    )


@dataclass(frozen=True)
class ProgressionLaw:
    """Progression-free survival: S(t | x, z) = exp(-exp(theta_z + x'beta) F(t)), t from infusion.

    F is a proper distribution function, so hazards are exactly proportional given x and product
    and every curve has a plateau exp(-exp(theta_z + x'beta)) (promotion-time cure model). A Cox
    model of product, age, sex, ecog and ldh_ratio is therefore correctly specified here.
    """

    theta: dict[str, float] = field(
        default_factory=lambda: {AXI: -0.056641, TISA: 0.333844, BREXU: -0.30}
    )  # solved
    age_decade: float = 0.06
    male: float = 0.10
    ecog: float = 0.32
    ldh_ratio: float = 0.35
    early_share: float = 0.75
    early_median: float = 85.0
    early_log_sd: float = 0.8
    late_mean: float = 730.0


@dataclass(frozen=True)
class NonRelapseLaw:
    """Logit that a first failure is a death without progression, given its day and covariates.

    It splits one total hazard in two, so bulky disease, age and IPI move progression and death
    without progression apart while progression-free survival stays a proportional-hazards model.
    """

    intercept: float = -2.6
    early: float = 1.2
    early_decay_days: float = 30.0
    age_decade: float = 0.30
    bulky: float = -0.40
    ipi: float = 0.05


@dataclass(frozen=True)
class PostProgressionLaw:
    """Death after progression: exp(-exp(psi_z + x'gamma) G(u)), u days since progression."""

    psi: dict[str, float] = field(
        default_factory=lambda: {AXI: 0.410659, TISA: 0.687460, BREXU: 0.40}
    )  # solved
    age_decade: float = 0.10
    ecog: float = 0.25
    ldh_ratio: float = 0.20
    bulky: float = 0.15
    ipi: float = 0.05
    line: float = 0.08
    centre_spread: float = 0.15
    early_share: float = 0.8
    early_median: float = 100.0
    early_log_sd: float = 1.0
    late_mean: float = 900.0


@dataclass(frozen=True)
class ResponseLaw:
    """Logit of a response (any, complete) given progression-free time; none before the M1 visit."""

    slope: float = 1.3
    complete: dict[str, float] = field(
        default_factory=lambda: {AXI: 0.403518, TISA: -0.237925, BREXU: 0.60}
    )
    any: dict[str, float] = field(
        default_factory=lambda: {AXI: 2.301593, TISA: 1.655410, BREXU: 2.50}
    )
    at_first_visit: float = 0.75


@dataclass(frozen=True)
class ToxicityLaw:
    """Shares of grade 0 to 4 by product (assumed; axi-cel has more ICANS), and onset in days."""

    crs: dict[str, tuple[float, ...]] = field(
        default_factory=lambda: {
            AXI: (0.14, 0.50, 0.30, 0.04, 0.02),
            TISA: (0.24, 0.45, 0.22, 0.06, 0.03),
            BREXU: (0.10, 0.45, 0.33, 0.08, 0.04),
        }
    )
    icans: dict[str, tuple[float, ...]] = field(
        default_factory=lambda: {
            AXI: (0.51, 0.20, 0.15, 0.10, 0.04),
            TISA: (0.78, 0.13, 0.06, 0.02, 0.01),
            BREXU: (0.45, 0.20, 0.15, 0.14, 0.06),
        }
    )
    crs_onset: tuple[int, int] = (0, 9)
    icans_onset: tuple[int, int] = (2, 14)


@dataclass(frozen=True)
class FollowUpLaw:
    """Calendar, visits and censoring; loss to follow-up is independent of everything else."""

    first_apheresis: str = "2019-01-07"
    lock_lag_days: int = 45
    loss_per_year: float = 0.035
    vein_to_vein: dict[str, tuple[float, float]] = field(
        default_factory=lambda: {AXI: (38.0, 7.0), TISA: (47.0, 9.0), BREXU: (41.0, 7.0)}
    )
    bridging: float = 0.80
    next_treatment_after_progression: float = 0.6
    next_treatment_mean_days: float = 45.0


@dataclass(frozen=True)
class Parameters:
    """All laws of the CAR-T cohort; `target_share` of patients is the study's population."""

    covariates: CovariateLaw = field(default_factory=CovariateLaw)
    assignment: AssignmentLaw = field(default_factory=AssignmentLaw)
    drop_out: DropOutLaw = field(default_factory=DropOutLaw)
    progression: ProgressionLaw = field(default_factory=ProgressionLaw)
    non_relapse: NonRelapseLaw = field(default_factory=NonRelapseLaw)
    post_progression: PostProgressionLaw = field(default_factory=PostProgressionLaw)
    response: ResponseLaw = field(default_factory=ResponseLaw)
    toxicity: ToxicityLaw = field(default_factory=ToxicityLaw)
    follow_up: FollowUpLaw = field(default_factory=FollowUpLaw)
    target_share: float = 0.90
    second_line_share: float = 0.05

    def as_dict(self) -> dict[str, object]:
        """Plain nested dictionaries, for `truth/parameters.json`."""
        return asdict(self)


DEFAULT = Parameters()

# Large-sample limit of a Cox model of overall survival (illness-death, so not proportional) under
# the registry's censoring: `python -m simulation.cart.calibration` refits it to 2,000,000 patients.
OVERALL_WORKING_MODEL: dict[str, dict[str, float]] = {
    "log_hazard_ratio": {
        "product": -0.4961,
        "age": 0.0132,
        "male": 0.0853,
        "ecog": 0.4259,
        "ldh_ratio": 0.4266,
    },
    "monte_carlo_error": {
        "product": 0.0026,
        "age": 0.0001,
        "male": 0.0025,
        "ecog": 0.0016,
        "ldh_ratio": 0.0019,
    },
}
