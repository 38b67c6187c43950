"""The effect of a group in parts of the patients, and whether it differs between them.

Belongs here: Cox models per level of a variable and the test of interaction. Does not belong here:
which variables a study asks for, and the forest plot of the results (analyses.figures).
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from analyses.errors import AnalysisError
from analyses.survival import columns
from analyses.survival.cox import CoxResult, cox
from analyses.survival.groups import factor
from analyses.survival.limits import chi_squared_p_value
from analyses.survival.log_rank import TestResult

MIN_EVENTS = 10
_ESTIMATES = ("hazard_ratio", "std_error", "ci_lower", "ci_upper", "p_value")


@dataclass(frozen=True)
class SubgroupResult:
    """`effects`: level, term, n, n_event, hazard_ratio, std_error, ci_lower, ci_upper, p_value, a
    row a level of the variable and a level of the group but its reference; the estimate is missing
    (NaN) where there are fewer events than asked for, or none is finite. `interaction`: the
    likelihood-ratio test, None when there is none to make."""

    effects: pd.DataFrame
    interaction: TestResult | None


def subgroup_effects(
    frame: pd.DataFrame,
    *,
    group: str,
    by: str,
    time: str = "time",
    event: str = "event",
    entry: str | None = None,
    reference: str | None = None,
    min_events: int = MIN_EVENTS,
    confidence: float = 0.95,
) -> SubgroupResult:
    """Hazard ratios of `group` within each level of `by`, and R's `anova` of the models with and
    without their interaction.

    `reference`: level of `group` (default: the first). A level of `by` with fewer than `min_events`
    events, or in which a group has nobody, has no estimate, but its rows are in the test. Raises
    `AnalysisError` on missing values, and unless both columns have two levels.
    """
    for name in (group, by):
        columns.refuse(name, columns.present(frame, name).isna().to_numpy(), "missing")
    texts = frame.assign(**{group: frame[group].astype(str), by: frame[by].astype(str)})
    levels = sorted(set(texts[group]))
    if len(levels) < 2 or texts[by].nunique() < 2:
        raise AnalysisError(f"subgroups need two levels or more of '{group}' and of '{by}'")
    base = levels[0] if reference is None else reference
    if base not in levels:
        raise AnalysisError(f"column '{group}' has no row at the reference level '{base}'")
    terms = [f"{group}={level}" for level in levels if level != base]
    # Levels stand in the order of the column's own kind: numbers by size.
    order = [str(level) for level in factor(frame[by])[1]]
    names = _Columns(time, event, entry)
    parts = []
    for level in order:
        part = texts[texts[by] == level]
        n_event = int(columns.indicator(part, event).sum())
        estimates = pd.DataFrame(np.nan, index=terms, columns=list(_ESTIMATES))
        if n_event >= max(min_events, 1):
            estimates.update(_fitted(part, names, group, base, confidence))
        counted = {"level": level, "term": terms, "n": len(part), "n_event": n_event}
        parts.append(pd.DataFrame(counted).join(estimates.reset_index(drop=True)))
    return SubgroupResult(
        effects=pd.concat(parts, ignore_index=True),
        interaction=_interaction(texts, group, by, names),
    )


@dataclass(frozen=True)
class _Columns:
    time: str
    event: str
    entry: str | None


def _fitted(
    part: pd.DataFrame, names: _Columns, group: str, base: str, confidence: float
) -> pd.DataFrame:
    """The estimates of one level of the variable; no row without a finite one."""
    nothing = pd.DataFrame(columns=list(_ESTIMATES), dtype=float)
    if len(set(part[group])) < 2 or base not in set(part[group]):
        return nothing
    try:
        fit = cox(
            part, time=names.time, event=names.event, entry=names.entry, covariates=group,
            reference={group: base}, confidence=confidence,
        )  # fmt: skip
    except AnalysisError:
        # No finite estimate in this level: it has none, the others do.
        return nothing
    return fit.coefficients.set_index("term")[list(_ESTIMATES)]


def _interaction(texts: pd.DataFrame, group: str, by: str, names: _Columns) -> TestResult | None:
    """Twice the gain in log likelihood of a hazard ratio for each combination of levels."""
    main = pd.get_dummies(texts[[group, by]], drop_first=True, dtype=float)
    of_group = [name for name in main if name.startswith(f"{group}_")]
    of_by = [name for name in main if name not in of_group]
    products = pd.DataFrame(
        {f"{a}:{b}": main[a] * main[b] for a in of_group for b in of_by}, index=texts.index
    )
    # A combination of levels that nobody has needs no coefficient.
    products = products.loc[:, products.to_numpy().any(axis=0)]
    kept = [name for name in (names.time, names.event, names.entry) if name is not None]
    rows = pd.concat([texts[kept], main, products], axis=1)

    def fitted(covariates: list[str]) -> CoxResult:
        return cox(
            rows, time=names.time, event=names.event, entry=names.entry, covariates=covariates
        )

    if products.shape[1] == 0:
        return None
    try:
        without, with_products = fitted(list(main)), fitted([*main, *products])
    except AnalysisError:
        return None
    statistic = max(2 * (with_products.log_likelihood - without.log_likelihood), 0.0)
    degrees = products.shape[1]
    return TestResult(statistic, degrees, chi_squared_p_value(statistic, degrees))
