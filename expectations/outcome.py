"""What came of a check: counts and shares. A value of a row has no place in it by construction."""

from dataclasses import dataclass

from expectations.spec import CheckSpec


@dataclass(frozen=True)
class CheckOutcome:
    """The outcome of one check.

    `n_rows` counts the rows the check applies to, `n_unexpected` those of them that do not meet
    it, and `share_unexpected` is their ratio (0 when there are none). For `has_rows` the rows are
    the table's and none is unexpected. `note` says in words why a check was not, or could not be,
    worked out; it is empty otherwise.
    """

    spec: CheckSpec
    passed: bool
    n_rows: int
    n_unexpected: int
    share_unexpected: float
    note: str = ""

    @property
    def status(self) -> str:
        """`passed`, `warned` or `failed`: a failed WARN check warns."""
        if self.passed:
            return "passed"
        return "failed" if self.spec.severity == "ERROR" else "warned"
