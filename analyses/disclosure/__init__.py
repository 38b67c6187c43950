"""Disclosure control: what of a result may be shown to whom.

Belongs here: suppression, rounding, curves with steps of k events. Does not belong here: the
estimates themselves and where a release is written.
"""

from analyses.disclosure.counts import (
    fit_count,
    midpoint_counts,
    round_counts,
    suppress_counts,
)
from analyses.disclosure.curves import disclosed_curve
from analyses.disclosure.policy import DEFAULT_THRESHOLD, SuppressionPolicy
from analyses.disclosure.release import suppress_results

__all__ = [
    "DEFAULT_THRESHOLD",
    "SuppressionPolicy",
    "disclosed_curve",
    "fit_count",
    "midpoint_counts",
    "round_counts",
    "suppress_counts",
    "suppress_results",
]
