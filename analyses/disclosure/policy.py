"""What a release may show. Belongs here: the choice. Does not belong here: its application."""

from __future__ import annotations

from dataclasses import dataclass

# The smallest count that may be shown beside 0; 11 where a destination follows the rule usual for
# the French national health data. Both are conventions: the policy of a release says which holds.
DEFAULT_THRESHOLD = 5


@dataclass(frozen=True)
class SuppressionPolicy:
    """threshold: the smallest count shown beside 0, and the fewest events of a step of a curve.

    rounding: base to which the shown counts are rounded; None shows them as they are. 5 for
    internal use, 11 for what is linked to national health insurance data (conventions, not law).
    """

    threshold: int = DEFAULT_THRESHOLD
    rounding: int | None = None

    def __post_init__(self) -> None:
        if self.threshold < 1 or (self.rounding is not None and self.rounding < 1):
            raise ValueError("a suppression threshold and a rounding base are at least 1")
