"""Every generating parameter of the gene therapy registry: assumed values, and nobody's data."""

from dataclasses import asdict, dataclass, field

SMA, TDT, HB, RPE65 = "sma", "tdt", "haemophilia_b", "rpe65_dystrophy"
ONASEMNOGENE = "onasemnogene_abeparvovec"
EXA = "exagamglogene_autotemcel"
BETI = "betibeglogene_autotemcel"
ETRANACOGENE = "etranacogene_dezaparvovec"
VORETIGENE = "voretigene_neparvovec"


@dataclass(frozen=True)
class SmaLaw:
    """Infants with spinal muscular atrophy given onasemnogene; rates a year, ages in months."""

    presymptomatic: float = 0.30
    two_copies: float = 0.65
    ventilation_rate: float = 0.05
    death_rate: float = 0.02
    presymptomatic_factor: float = 0.1
    milestone_share: dict[str, tuple[float, float]] = field(
        default_factory=lambda: {
            "sitting": (0.80, 1.00),
            "standing": (0.35, 0.85),
            "walking": (0.22, 0.75),
        }
    )
    milestone_age: dict[str, tuple[float, float]] = field(
        default_factory=lambda: {
            "sitting": (15.0, 8.0),
            "standing": (24.0, 13.0),
            "walking": (30.0, 16.0),
        }
    )
    parent_health_mean: float = -0.3


@dataclass(frozen=True)
class ThalassaemiaLaw:
    """Transfusion-dependent thalassaemia; independence is a year without transfusion."""

    success: dict[str, float] = field(default_factory=lambda: {EXA: 0.92, BETI: 0.86})
    exa_share: float = 0.55
    transfusion_gap_days: float = 25.0
    last_transfusion_days: tuple[int, int] = (18, 60)
    drop_out: float = 0.06
    death_rate: float = 0.006
    cytopenia: float = 0.25
    infection: float = 0.20


@dataclass(frozen=True)
class HaemophiliaLaw:
    """Adults with haemophilia B given etranacogene; bleeds a year before and after."""

    bleeds_before: float = 4.0
    bleeds_after: float = 0.6
    responders: float = 0.95
    death_rate: float = 0.006
    drop_out: float = 0.05


@dataclass(frozen=True)
class RetinaLaw:
    """Children and adults with RPE65 retinal dystrophy given voretigene."""

    responders: float = 0.75
    death_rate: float = 0.004
    drop_out: float = 0.05


@dataclass(frozen=True)
class GeneTherapyParameters:
    """All laws of the gene therapy registry, the shares of its first three diseases, and how many
    people of the fourth come to one of those."""

    sma: SmaLaw = field(default_factory=SmaLaw)
    thalassaemia: ThalassaemiaLaw = field(default_factory=ThalassaemiaLaw)
    haemophilia: HaemophiliaLaw = field(default_factory=HaemophiliaLaw)
    retina: RetinaLaw = field(default_factory=RetinaLaw)
    shares: dict[str, float] = field(default_factory=lambda: {SMA: 0.40, TDT: 0.30, HB: 0.30})
    patients_per_cart_patient: float = 1.0 / 3.0
    fewest_patients: int = 45
    retina_per_other_patient: float = 0.1
    fewest_retina_patients: int = 12
    registered_late: float = 0.2
    latest_registration_days: int = 120
    shared_with_cart: float = 0.01
    loss_per_year: float = 0.02

    def as_dict(self) -> dict[str, object]:
        """Plain nested dictionaries, for `truth/parameters.json`."""
        return asdict(self)


GENE_THERAPY = GeneTherapyParameters()
