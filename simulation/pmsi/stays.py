"""The stays of the hospital group's CAR-T patients: apheresis, infusion, readmissions, death.

Costs are assumed and nobody's data. GHM: 28Z16Z (leukapheresis), 27Z03Z and 17M15 (infusion),
17M06 (chemotherapy) as in ISPOR 2023 no. 131111; the severity digit is assumed.
"""

import numpy as np
import pandas as pd

from simulation.calendar import plus
from simulation.streams import stream

_COLUMNS = ["national_number", "admission_date", "discharge_date", "ghm", "exit_mode"]
_DAILY_EUR, _INTENSIVE_EUR, _APHERESIS_EUR = 1_150.0, 2_600.0, 1_900.0
HOME, TRANSFER, DEATH = 8, 7, 9


def stays(known: pd.DataFrame, seed: int) -> pd.DataFrame:
    """One row a stay that ended by the data lock, by patient and admission.

    Columns: national_number, admission_date, discharge_date, ghm, exit_mode (8 home, 7 transfer, 9
    death), icu_days, step_down_days, cost_eur. No two stays of a person begin on one day, and none
    outlives the patient.
    """
    number = known["treatment_number"].to_numpy()
    rng = stream(seed, "pmsi.stays")
    # Drawn per treatment number, so that a stay is the same in every delivery.
    draws = rng.random((int(number.max(initial=0)) + 1, 12))[number]
    parts = [_apheresis(known), _infusion(known, draws), *_readmissions(known, draws)]
    out = pd.concat(parts, ignore_index=True)
    limit = known["follow_up_end"].to_numpy().astype("datetime64[D]")[out["member"]]
    death = known["death_date"].to_numpy().astype("datetime64[D]")[out["member"]]
    leaves = out["discharge_date"].to_numpy().astype("datetime64[D]")
    enters = out["admission_date"].to_numpy().astype("datetime64[D]")
    died = ~np.isnat(death) & (death >= enters) & (death <= leaves)
    out["exit_mode"] = np.where(died, DEATH, out["exit_mode"])
    out["discharge_date"] = np.where(died, death, leaves)
    out = out[(enters <= limit) & (out["discharge_date"].to_numpy() <= limit)]
    out = out[[*_COLUMNS, "icu_days", "step_down_days"]]
    out = out.sort_values(["national_number", "admission_date"], kind="stable", ignore_index=True)
    out = out.drop_duplicates(["national_number", "admission_date"])
    # A death ends one stay: the last one that was going on.
    ended = out["exit_mode"] == DEATH
    last = ~out["national_number"].where(ended).duplicated(keep="last")
    out = out[~ended | last].reset_index(drop=True)
    nights = (out["discharge_date"] - out["admission_date"]).dt.days
    for name in ("icu_days", "step_down_days"):
        out[name] = np.minimum(out[name], nights).astype(int)
    cost = _APHERESIS_EUR * (out["ghm"] == "28Z16Z") + _DAILY_EUR * nights
    cost = cost + (_INTENSIVE_EUR - _DAILY_EUR) * (out["icu_days"] + 0.4 * out["step_down_days"])
    return out.assign(cost_eur=np.round(np.maximum(cost, 400.0), 1))


def _part(
    known: pd.DataFrame, admission: np.ndarray, discharge: np.ndarray, ghm: object, **days: object
) -> pd.DataFrame:
    out = pd.DataFrame(
        {
            "member": np.arange(len(known)),
            "national_number": known["national_number"],
            "admission_date": admission.astype("datetime64[D]"),
            "discharge_date": discharge.astype("datetime64[D]"),
            "ghm": ghm,
            "exit_mode": HOME,
            **({"icu_days": 0, "step_down_days": 0} | days),
        }
    )
    return out[out["admission_date"].notna() & out["discharge_date"].notna()]


def _apheresis(known: pd.DataFrame) -> pd.DataFrame:
    day = known["apheresis_date"].to_numpy()
    return _part(known, day, day, "28Z16Z")


def _infusion(known: pd.DataFrame, draws: np.ndarray) -> pd.DataFrame:
    """Admitted for lymphodepletion; the longer the worse CRS and ICANS are."""
    infusion = known["infusion_date"].to_numpy().astype("datetime64[D]")
    worst = np.maximum(known["crs_grade"].to_numpy(), known["icans_grade"].to_numpy())
    length = 12.0 + np.round(6.0 * draws[:, 0]) + 3.0 * worst
    intensive = np.where(worst >= 3, np.round(2.0 + 6.0 * draws[:, 1]), 0.0)
    step_down = np.where(worst == 2, np.round(1.0 + 3.0 * draws[:, 2]), 0.0)
    severity = np.clip(worst, 1, 4).astype(str).astype(object)
    ghm = np.where(draws[:, 3] < 0.25, "27Z03Z", "17M15" + severity)
    before = -(5.0 + np.round(draws[:, 4]))
    return _part(
        known, plus(infusion, before), plus(infusion, length), ghm,
        icu_days=intensive, step_down_days=step_down,
    )  # fmt: skip


def _readmissions(known: pd.DataFrame, draws: np.ndarray) -> list[pd.DataFrame]:
    """Up to two unplanned stays, one of chemotherapy after progression, and one of dying."""
    infusion = known["infusion_date"].to_numpy().astype("datetime64[D]")
    never = np.full(len(known), np.inf)
    first = np.where(draws[:, 5] < 0.35, 45.0 + np.round(90.0 * draws[:, 6]), never)
    second = np.where(draws[:, 7] < 0.15, 200.0 + np.round(200.0 * draws[:, 8]), never)
    stay = 3.0 + np.round(8.0 * draws[:, 9])
    treated = known["next_treatment_date"].to_numpy().astype("datetime64[D]")
    death = known["death_date"].to_numpy().astype("datetime64[D]")
    dying = np.where(draws[:, 10] < 0.6, -(2.0 + np.round(10.0 * draws[:, 11])), never)
    starts = [plus(infusion, first), plus(infusion, second), plus(treated, np.zeros(len(known)))]
    parts = [
        _part(known, start, plus(start, stay), "17M062" if i == 2 else "17M061")
        for i, start in enumerate(starts)
    ]
    last = np.where(plus(death, dying) > infusion, plus(death, dying), np.datetime64("NaT"))
    return [*parts, _part(known, last, death, "17M064")]
