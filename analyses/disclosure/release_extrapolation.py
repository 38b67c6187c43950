"""Parametric models and extrapolations as they may be shown.

Belongs here: which models are withheld. Does not belong here: other estimates
(release_estimates.py), rules on counts (counts.py).
"""

from __future__ import annotations

import pandas as pd

from analyses.disclosure.counts import is_small, whole_steps
from analyses.disclosure.study_counts import StudyCounts

_KEYS = ["study_id", "endpoint", "adjustment", "stratum"]


def parametric_model(rows: pd.DataFrame, exact: StudyCounts) -> pd.DataFrame:
    """Models of enough people, with enough of them with and without the event.

    An estimate and its standard error tell the number of events, AIC and BIC the number of people:
    they go with the counts.
    """
    hide = _of_few(rows, exact)
    sizes = [
        exact.stratum_size(*key) for key in zip(rows["study_id"], rows["stratum"], strict=True)
    ]
    near = pd.Series(
        [
            size is not None and exact.differs_little(n, size)
            for n, size in zip(rows["n"].astype("float64"), sizes, strict=True)
        ],
        index=rows.index,
        dtype=bool,
    )
    numbers = ["estimate", "std_error", "ci_lower", "ci_upper", "log_likelihood", "aic"]
    shown = rows.assign(**{name: rows[name].mask(hide) for name in numbers})
    shown["n_event"] = whole_steps(rows["n_event"], exact.k).mask(hide)
    return shown.assign(**{name: rows[name].mask(hide | near) for name in ("n", "bic")})


def parametric_curve(rows: pd.DataFrame, exact: StudyCounts) -> pd.DataFrame:
    """Curves of shown models; where the data end is one person's time, and is not said."""
    shown = rows[~_withheld(rows, exact)]
    return shown.assign(extrapolated=pd.NA)


def extrapolated_mean(rows: pd.DataFrame, exact: StudyCounts) -> pd.DataFrame:
    """Means of shown models, without the share beyond the last observed time."""
    hide = _withheld(rows, exact)
    numbers = ["mean_years", "std_error", "ci_lower", "ci_upper"]
    shown = rows.assign(**{name: rows[name].mask(hide) for name in numbers})
    return shown.assign(share_beyond_data=float("nan"))


def _of_few(models: pd.DataFrame, exact: StudyCounts) -> pd.Series:
    n, events = (models[name].astype("float64").fillna(0) for name in ("n", "n_event"))
    few = [
        is_small(people, exact.k)
        or is_small(with_event, exact.k)
        or is_small(people - with_event, exact.k)
        for people, with_event in zip(n, events, strict=True)
    ]
    return pd.Series(few, index=models.index, dtype=bool)


def _withheld(rows: pd.DataFrame, exact: StudyCounts) -> pd.Series:
    """Whether the models of a row's stratum are withheld."""
    models = exact.tables["parametric_model"]
    models = models[models["model"] == "per_stratum"]
    few = models[_of_few(models, exact)]
    secret = set(few[_KEYS].itertuples(index=False, name=None))
    found = [key in secret for key in rows[_KEYS].itertuples(index=False, name=None)]
    return pd.Series(found, index=rows.index, dtype=bool)
