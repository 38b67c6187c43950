"""The forms CAR-T patients were asked to fill in: who, when, what they answered or why not."""

import numpy as np
import pandas as pd

from simulation.calendar import plus
from simulation.epro.fhir import BLANK
from simulation.gene_therapy import Lives
from simulation.quality_of_life.instruments import EQ5D_ITEMS, QLQ_ITEMS, qlq_c30, vas
from simulation.quality_of_life.trajectory import (
    VISIT_DAYS,
    VISITS,
    latent_health,
    missing,
    utilities,
)
from simulation.streams import stream

ENROLLED = 0.75
_REASONS = np.asarray(["too_ill", "refused", "administrative", "technical"], dtype=object)
_REASON_SHARES = (0.40, 0.25, 0.25)
_HEADED_NOT_FILLED = 0.5


def collect(
    cart: pd.DataFrame, genes: Lives, seed: int
) -> tuple[dict[str, pd.DataFrame], pd.DataFrame]:
    """All forms by instrument: of CAR-T patients, and of adults of the gene therapy registry.

    Columns: those of `cart_forms`; gene therapy forms come after, so numbers stay stable. Also the
    true utilities `cart_forms` gives.
    """
    forms, utility = cart_forms(cart, seed)
    table = genes.forms["eq-5d-5l"]
    table = table[table["in_epro"].astype(bool)]
    people = genes.patients.loc[table["row"]]
    answers = table[[*EQ5D_ITEMS, "vas"]].astype(np.int16)
    more = answers.assign(
        visit=table["visit"],
        national_number=people["national_number"].to_numpy(),
        _lag=people["lock_lag_days"].to_numpy(),
        completed_date=table["date"],
        reason="",
    )
    forms["eq-5d-5l"] = pd.concat([forms["eq-5d-5l"], more], ignore_index=True)
    return forms, utility


def cart_forms(history: pd.DataFrame, seed: int) -> tuple[dict[str, pd.DataFrame], pd.DataFrame]:
    """All forms of infused CAR-T patients who take part, by instrument, over their whole life.

    Columns: national_number, _lag (days from the data lock to a delivery), completed_date, visit,
    reason (empty when filled), then one column an item key (a whole number, BLANK when not
    answered). A missing form is absent or (half of the time) there without items and with a reason.

    The second table has the truth of every visit a patient lived to see, filled in or not:
    national_number, visit, visit_date, utility (EQ-5D-5L) and missing.
    """
    rng = stream(seed, "epro.cart")
    member = rng.random(int(history["treatment_number"].max()) + 1) < ENROLLED
    enrolled = member[history["treatment_number"].to_numpy()]
    frame = history[enrolled & history["infusion_date"].notna().to_numpy()]
    frame = frame.sort_values("treatment_number", ignore_index=True)
    health = latent_health(frame, rng)
    levels, values = utilities(health, rng)
    absent = missing(values, rng)
    row, visit = np.nonzero(~np.isnan(values))
    start = frame["infusion_date"].to_numpy().astype("datetime64[D]")[row]
    shift = VISIT_DAYS[visit] + np.where(visit == 0, 0, rng.integers(-3, 7, len(row)))
    forms = pd.DataFrame(
        {
            "national_number": frame["national_number"].to_numpy()[row],
            "_lag": frame["lock_lag_days"].to_numpy()[row],
            "completed_date": plus(start, shift.astype(float)),
            "visit": np.asarray(VISITS, dtype=object)[visit],
        }
    )
    gone = absent[row, visit]
    reason = _REASONS[np.searchsorted(np.cumsum(_REASON_SHARES), rng.random(len(row)))]
    headed = rng.random(len(row)) < _HEADED_NOT_FILLED
    # Dates slide around the visit: none may pass the death or the loss of the patient.
    end = np.fmin(
        frame["death_date"].to_numpy().astype("datetime64[D]"),
        frame["lost_date"].to_numpy().astype("datetime64[D]"),
    )[row]
    asked = (forms["completed_date"].to_numpy().astype("datetime64[D]") < end) & (~gone | headed)
    seen = pd.DataFrame(
        {
            "national_number": forms["national_number"],
            "visit": forms["visit"],
            "visit_date": forms["completed_date"],
            "utility": values[row, visit],
            "missing": gone,
        }
    )
    forms["reason"] = np.where(gone, reason, "")
    flat = health[row, visit]
    answers = {
        "eq-5d-5l": (
            (*EQ5D_ITEMS, "vas"),
            np.column_stack([levels[row, visit], vas(flat, rng)]),
            0.01,
        ),
        "qlq-c30": (QLQ_ITEMS, qlq_c30(flat, rng), 0.02),
    }
    out = {}
    for instrument, (items, numbers, blank) in answers.items():
        numbers = numbers.astype(np.int16)
        numbers[(rng.random(numbers.shape, dtype=np.float32) < blank) | gone[:, None]] = BLANK
        # The longer questionnaire is now and then left out where the shorter one was given.
        extra = rng.random(len(row)) < (0.05 if instrument == "qlq-c30" else 0.0)
        table = pd.concat([forms, pd.DataFrame(numbers, columns=list(items))], axis=1)
        out[instrument] = table[asked & ~extra].reset_index(drop=True)
    return out, seen
