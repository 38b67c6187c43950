"""Results as the evaluation of studies releases them, made from seeded numbers.

For tests of figures and report only: the estimates are computed here, in a few lines each, so that
these tests need neither a database nor the estimators under test elsewhere.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

AXI, TISA = "axicabtagene_ciloleucel", "tisagenlecleucel"
HORIZONS = (182, 365, 730)
VISITS = {"baseline": 0, "month_1": 30, "month_3": 91, "month_6": 182, "month_12": 365}
SCALES = ["QL", "PF", "RF", "EF", "CF", "SF", "FA", "NV", "PA", "DY", "SL", "AP", "CO", "DI", "FI"]
NASTY = "<script>window.hacked=1</script>"


def kaplan_meier(time: np.ndarray, event: np.ndarray) -> pd.DataFrame:
    """Rows of survival_curve after the stratum, with log-log limits."""
    times = np.unique(time)
    d = np.array([((time == t) & (event == 1)).sum() for t in times])
    c = np.array([((time == t) & (event == 0)).sum() for t in times])
    n = np.array([(time >= t).sum() for t in times])
    s = np.cumprod(1 - d / n)
    with np.errstate(divide="ignore", invalid="ignore"):
        g = np.cumsum(d / (n * (n - d)))
        width = 1.959964 * np.sqrt(g) / np.abs(np.log(s))
        lower, upper = s ** np.exp(width), s ** np.exp(-width)
    lower, upper = np.where(s == 1, 1, lower), np.where(s == 1, 1, upper)
    return pd.DataFrame(
        {
            "time_days": times.astype(float),
            "n_at_risk": n,
            "n_event": d,
            "n_censored": c,
            "survival": s,
            "std_error": np.where(s == 0, 0, s * np.sqrt(g)),
            "ci_lower": np.where(s == 0, np.nan, lower),
            "ci_upper": np.where(s == 0, np.nan, upper),
        }
    )


def incidence(time: np.ndarray, cause: np.ndarray, names: list[str]) -> pd.DataFrame:
    """Rows of cumulative_incidence after the stratum (a rough standard error is enough here)."""
    times = np.unique(time)
    n = np.array([(time >= t).sum() for t in times])
    d_all = np.array([((time == t) & (cause > 0)).sum() for t in times])
    before = np.concatenate(([1.0], np.cumprod(1 - d_all / n)[:-1]))
    parts = []
    for code, name in enumerate(names, start=1):
        d = np.array([((time == t) & (cause == code)).sum() for t in times])
        value = np.cumsum(before * d / n)
        se = np.sqrt(value * (1 - value) / n[0])
        parts.append(
            pd.DataFrame(
                {
                    "cause": name,
                    "time_days": times.astype(float),
                    "n_at_risk": n,
                    "n_event": d,
                    "incidence": value,
                    "std_error": se,
                    "ci_lower": np.clip(value - 1.96 * se, 0, 1),
                    "ci_upper": np.clip(value + 1.96 * se, 0, 1),
                }
            )
        )
    return pd.concat(parts, ignore_index=True)


def _summary(curve: pd.DataFrame, time: np.ndarray, event: np.ndarray) -> list[dict[str, Any]]:
    def first(column: str) -> float | None:
        below = curve[curve[column] <= 0.5]
        return None if below.empty else float(below["time_days"].iloc[0])

    rows = [
        {
            "statistic": "median",
            "horizon_days": None,
            "value": first("survival"),
            "std_error": None,
            "ci_lower": first("ci_lower"),
            "ci_upper": first("ci_upper"),
        },
        {
            "statistic": "follow_up_median",
            "horizon_days": None,
            "value": float(np.median(time[event == 0])) if (event == 0).any() else None,
            "std_error": None,
            "ci_lower": None,
            "ci_upper": None,
        },
    ]
    for horizon in HORIZONS:
        at = curve[curve["time_days"] <= horizon].iloc[-1]
        beyond = horizon > curve["time_days"].max()
        rows.append(
            {
                "statistic": "survival_at",
                "horizon_days": horizon,
                "value": None if beyond else at["survival"],
                "std_error": None if beyond else at["std_error"],
                "ci_lower": None if beyond else at["ci_lower"],
                "ci_upper": None if beyond else at["ci_upper"],
            }
        )
    grid = np.arange(0, 365)
    steps = np.concatenate(([1.0], curve["survival"].to_numpy()))
    area = steps[np.searchsorted(curve["time_days"], grid, side="right")].sum()
    rows.append(
        {
            "statistic": "rmst",
            "horizon_days": 365,
            "value": area,
            "std_error": 9.1,
            "ci_lower": area - 17.8,
            "ci_upper": area + 17.8,
        }
    )
    return rows


def _cohort(rng: np.random.Generator, n: int, median: float, cured: float) -> dict[str, np.ndarray]:
    event = np.where(rng.random(n) < cured, 1e9, rng.weibull(0.8, n) * median * 1.6)
    relapse = event * rng.uniform(0.3, 0.8, n)
    follow_up = rng.uniform(60, 1000, n)
    death = np.ceil(event)
    return {
        "relapse": np.ceil(np.where(rng.random(n) < 0.8, relapse, 1e9)),
        "death": death,
        "follow_up": np.ceil(follow_up),
        "crs": np.where(rng.random(n) < 0.07, rng.integers(1, 12, n), 1e9),
        "icans": np.where(rng.random(n) < 0.11, rng.integers(2, 20, n), 1e9),
    }


def _first(own: np.ndarray, other: np.ndarray, end: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    time = np.minimum(np.minimum(own, other), end)
    cause = np.where(time == end, 0, np.where(own <= other, 1, 2))
    return time, cause


def _curves(study: str, cohorts: dict[str, dict[str, np.ndarray]], rng: Any) -> dict[str, Any]:
    survival, summary, cumulative = [], [], []
    for stratum, c in cohorts.items():
        pfs = np.minimum(c["relapse"], c["death"])
        for endpoint, own in (("overall_survival", c["death"]), ("progression_free_survival", pfs)):
            time = np.minimum(own, c["follow_up"])
            event = (own <= c["follow_up"]).astype(int)
            head = {"endpoint": endpoint, "analysis_set": "infused", "adjustment": "none"}
            curve = kaplan_meier(time, event)
            survival.append(curve.assign(**head, stratum=stratum))
            for row in _summary(curve, time, event):
                counts = {"n": len(time), "n_event": int(event.sum())}
                summary.append({**head, "stratum": stratum, **counts, **row})
        for endpoint, own, other, names in (
            ("relapse", c["relapse"], c["death"], ["relapse", "death"]),
            ("crs_grade_3", c["crs"], c["death"], ["crs_grade_3", "death"]),
            ("icans_grade_3", c["icans"], c["death"], ["icans_grade_3", "death"]),
        ):
            time, cause = _first(own, other, c["follow_up"])
            head = {"endpoint": endpoint, "analysis_set": "infused", "adjustment": "none"}
            cumulative.append(incidence(time, cause, names).assign(**head, stratum=stratum))
        time = np.minimum(c["death"], c["follow_up"])
        why = np.where(c["death"] <= c["follow_up"], rng.choice([1, 1, 1, 2, 3, 4], len(time)), 0)
        names = ["disease_progression", "infection", "treatment_toxicity", "unknown"]
        head = {"endpoint": "death_by_cause", "analysis_set": "infused", "adjustment": "none"}
        cumulative.append(incidence(time, why, names).assign(**head, stratum=stratum))
    frames = {
        "survival_curve": pd.concat(survival, ignore_index=True),
        "survival_summary": pd.DataFrame(summary),
        "cumulative_incidence": pd.concat(cumulative, ignore_index=True),
    }
    return {name: frame.assign(study_id=study) for name, frame in frames.items()}


def _quality_of_life(study: str, cohorts: dict[str, Any], rng: Any) -> dict[str, pd.DataFrame]:
    means, completion = [], []
    for shift, (stratum, cohort) in enumerate(cohorts.items()):
        n = len(cohort["death"])
        for place, (visit, day) in enumerate(VISITS.items()):
            expected = int((np.minimum(cohort["death"], cohort["follow_up"]) >= day).sum())
            done = int(expected * (0.92 - 0.07 * place - 0.03 * shift))
            # As analyses.quality_of_life: a row for the visit, then one per reason.
            counts = [
                (None, n, expected, done),
                ("not in follow-up", n - expected, 0, 0),
                ("no form", expected - done, expected - done, 0),
            ]
            for instrument in ("eq-5d-5l", "qlq-c30"):
                head = {"analysis_set": "infused", "instrument": instrument, "stratum": stratum}
                names = ("reason", "n_fixed", "n_expected", "n_completed")
                completion += [
                    {**head, "visit": visit, **dict(zip(names, row, strict=True))}
                    for row in counts
                    if row[1]
                ]
            dip = (0.0, -0.09, 0.01, 0.06, 0.09)[place] - 0.03 * shift
            for scale in ("utility", "vas", *SCALES):
                utility = scale == "utility"
                mean = 0.74 + dip if utility else 62 + 80 * dip + rng.normal(0, 2)
                half = (0.03 if utility else 3.1) + 0.004 * place * (1 if utility else 100)
                means.append(
                    {
                        "analysis_set": "infused",
                        "instrument": "qlq-c30" if scale in SCALES else "eq-5d-5l",
                        "scale": scale,
                        "stratum": stratum,
                        "visit": visit,
                        "time_days": float(day),
                        "n_expected": expected,
                        "n_completed": done,
                        "method": "observed",
                        "mean": mean,
                        "std_error": half / 1.96,
                        "ci_lower": mean - half,
                        "ci_upper": mean + half,
                    }
                )
    return {
        "quality_of_life_curve": pd.DataFrame(means).assign(study_id=study),
        "completion": pd.DataFrame(completion).assign(study_id=study),
    }


def _baseline(study: str, cohorts: dict[str, Any]) -> pd.DataFrame:
    rows = []
    sizes = {stratum: len(cohort["death"]) for stratum, cohort in cohorts.items()}
    for stratum, n in {"overall": sum(sizes.values()), **sizes}.items():
        for variable, level, statistic, value in (
            ("patients", None, "n", n),
            ("age", None, "median", 62.0),
            ("age", None, "q1", 54.0),
            ("age", None, "q3", 69.0),
            ("age", None, "missing", 4),
            ("sex", "F", "n", round(0.4 * n)),
            ("sex", "F", "percent", 40.0),
            ("sex", "M", "n", n - round(0.4 * n)),
            ("sex", "M", "percent", 60.0),
            ("covariate:ecog", None, "mean", 0.83),
            ("covariate:ecog", None, "sd", 0.61),
            ("covariate:ldh_ratio", None, "mean", 1.31),
            ("covariate:ldh_ratio", None, "sd", 0.52),
        ):
            smd = {"age": 0.08, "covariate:ecog": 0.31, "covariate:ldh_ratio": 0.24}.get(variable)
            row = {"stratum": stratum, "variable": variable, "level": level}
            rows.append({**row, "statistic": statistic, "value": value, "smd": smd})
    return pd.DataFrame(rows).assign(study_id=study)


def _comparisons(study: str) -> dict[str, pd.DataFrame]:
    tests, ratios = [], []
    for endpoint, p, ratio in (
        ("overall_survival", 0.0004, 0.66),
        ("progression_free_survival", 0.0312, 0.72),
    ):
        head = {"endpoint": endpoint, "analysis_set": "infused"}
        tests.append(
            {
                **head,
                "adjustment": "none",
                "cause": None,
                "stratify_by": "product",
                "test": "log_rank",
                "horizon_days": None,
                "statistic": 12.4,
                "degrees_of_freedom": 1,
                "p_value": p,
            }
        )
        for model, factor in (("cox_unadjusted", 1.0), ("cox_adjusted", 1.12)):
            terms = [(f"product={AXI}", TISA, ratio * factor)]
            if model == "cox_adjusted":
                terms += [("age", None, 1.011), ("sex=M", "F", 1.08), ("covariate:ecog", None, 1.6)]
            for term, reference, value in terms:
                error = 0.004 if term == "age" else 0.14
                ratios.append(
                    {
                        **head,
                        "adjustment": "none",
                        "cause": None,
                        "model": model,
                        "term": term,
                        "reference": reference,
                        "hazard_ratio": value,
                        "std_error": error,
                        "ci_lower": value * np.exp(-1.96 * error),
                        "ci_upper": value * np.exp(1.96 * error),
                        "p_value": 0.0123,
                        "ph_p_value": 0.003 if endpoint == "overall_survival" else 0.41,
                        "n": 560,
                        "n_event": 301,
                    }
                )
    diagnostics = [
        ("overall_survival", "none", "follow_up_maturity", 0.61, 0.5, "pass"),
        ("overall_survival", "none", "proportional_hazards: product", 0.003, 0.05, "warn"),
        ("progression_free_survival", "none", "events_per_variable", 75.2, 10.0, "pass"),
        ("death_by_cause", "none", "unknown_cause_share", 0.41, 0.2, "fail"),
    ]
    names = ("endpoint", "adjustment", "diagnostic", "value", "threshold", "status")
    frame = pd.DataFrame([dict(zip(names, d, strict=True)) for d in diagnostics])
    return {
        "comparison_test": pd.DataFrame(tests).assign(study_id=study),
        "hazard_ratio": pd.DataFrame(ratios).assign(study_id=study),
        "diagnostic": frame.assign(study_id=study, analysis_set="infused"),
    }


def _attrition(study: str, steps: list[tuple[str, int, int]]) -> pd.DataFrame:
    return pd.DataFrame(
        [
            {
                "study_id": study,
                "analysis_set": "infused",
                "step": i,
                "reason": reason,
                "n_remaining": remaining,
                "n_excluded": excluded,
            }
            for i, (reason, remaining, excluded) in enumerate(steps, start=1)
        ]
    )


def _study(key: str, title: str, **more: Any) -> dict[str, Any]:
    return {
        "id": key,
        "title": title,
        "population": {"sources": ["cart_registry"], "products": [AXI, TISA], "min_line": 3},
        "analysis_set": "infused",
        "data_cutoff": "2026-06-30",
        "stratify_by": "product",
        "reference": TISA,
        "adjust_for": ["age", "sex", "covariate:ecog"],
        "endpoints": [
            "overall_survival",
            "progression_free_survival",
            "relapse",
            "death_by_cause",
            "crs_grade_3",
            "icans_grade_3",
        ],
        "horizons_days": list(HORIZONS),
        "quality_of_life": {"instruments": ["eq-5d-5l", "qlq-c30"], "visits": "default"},
        "estimand": {
            "intercurrent_events": {"next_treatment": "treatment_policy", "death": "composite"},
            "pre_specified": True,
        },
        **more,
    }


def studies() -> list[dict[str, Any]]:
    """Two comparative studies, one without strata, one whose cohort is empty."""
    lymphoma = "CAR-T cells in relapsed or refractory large B-cell lymphoma"
    return [
        _study("lbcl_car_t", lymphoma),
        _study("nasty", f"Hostile {NASTY} & names", reference="b\x07$x_1$"),
        _study(
            "sma_gene_therapy",
            "Onasemnogene abeparvovec in spinal muscular atrophy",
            population={"sources": ["gene_therapy_registry"], "indications": ["sma"]},
            stratify_by=None,
            reference=None,
            adjust_for=[],
        ),
        _study("empty_cohort", "A product nobody has received yet"),
    ]


def results(seed: int = 20261122) -> dict[str, pd.DataFrame]:
    """All results tables the report reads."""
    rng = np.random.default_rng(seed)
    start = "treatments of the sources that meet the population"
    flow = [(start, 661, 0), ("age under 18 years, or not known", 655, 6), ("not infused", 560, 95)]
    parts: list[dict[str, pd.DataFrame]] = []
    plans: dict[str, dict[str, tuple[int, float, float]]] = {
        "lbcl_car_t": {AXI: (340, 260, 0.34), TISA: (220, 190, 0.25)},
        "nasty": {NASTY: (48, 300, 0.2), "b\x07$x_1$": (37, 200, 0.1)},
        "sma_gene_therapy": {"overall": (64, 900, 0.8)},
    }
    for key, plan in plans.items():
        cohorts = {name: _cohort(rng, *shape) for name, shape in plan.items()}
        tables = {**_curves(key, cohorts, rng), **_quality_of_life(key, cohorts, rng)}
        tables["baseline"] = _baseline(key, cohorts)
        if len(plan) > 1:
            tables |= _comparisons(key)
        tables["attrition"] = _attrition(key, flow)
        parts.append(tables)
    gone = [(start, 12, 0), ("not infused", 0, 12)]
    parts.append({"attrition": _attrition("empty_cohort", gone)})
    names = sorted({name for tables in parts for name in tables})
    return {
        name: pd.concat([t[name] for t in parts if name in t], ignore_index=True) for name in names
    }


def manifest() -> dict[str, Any]:
    """A manifest as the release writes it."""
    digest = "3b7e1f0a" * 8
    deliveries = [
        ("cart_registry", "2026-07-01", "accepted", 4021, 4009, 12),
        ("epro", "2026-07-02", "accepted", 38210, 38210, 0),
        ("gene_therapy_registry", "2026-06-30", "accepted", 1822, 1822, 0),
    ]
    keys = ("source", "delivery", "status", "read", "loaded", "quarantined")
    return {
        "release_id": "20261122T210000Z-1a2b3c4",
        "profile": "internal",
        "synthetic": True,
        "git_revision": "66682bd4c6e1f0a9b8c7d6e5f4a3b2c1d0e9f8a7",
        "packages": {"lifelines": "0.30.3", "duckdb": "2.0.0", "pandas": "2.3.3"},
        "as_of": "2026-11-22",
        "created_at": "2026-11-22T21:00:00Z",
        "deliveries": [
            {**dict(zip(keys, d, strict=True)), "sha8": "1a2b3c4d", "files": ["patients.csv"]}
            for d in deliveries
        ],
        "rejected": [
            {
                "source": "epro",
                "delivery": "2026-10-01",
                "findings": [
                    {"severity": "WARN", "message": "a column nobody declared"},
                    {"severity": "ERROR", "message": "column `item` is missing."},
                ],
            }
        ],
        "studies": [
            {"id": s["id"], "title": s["title"], "sha256": digest, "file": f"{s['id']}.yml"}
            for s in studies()
        ],
        "checks": {"passed": 41, "warned": 2, "failed": 1},
        "suppression": {"policy": "none (internal release)"},
    }


def checks() -> pd.DataFrame:
    """Outcomes of the checks on raw data and marts."""
    rows = [
        ("raw", "cart_registry__treatments", "ldh_unit_filled", "WARN", "failed", 661, 41),
        ("marts", "time_to_event", "duration_not_negative", "ERROR", "failed", 5120, 3),
        ("marts", "patient", "death_after_birth", "ERROR", "passed", 1204, 0),
        ("marts", "treatment", "vein_to_vein_plausible", "WARN", "passed", 661, 0),
    ]
    frame = pd.DataFrame(
        rows,
        columns=["layer", "table", "check", "severity", "status", "n_rows", "n_unexpected"],
    )
    frame["share_unexpected"] = frame["n_unexpected"] / frame["n_rows"]
    frame["reason"] = "Kahn plausibility: a value outside what physiology or the calendar allows."
    return frame
