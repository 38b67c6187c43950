"""What we expect of data: contracts of the sources, and plausibility checks of raw and marts.

Here: the public surface. Suites are declared in `suites/`, one file a table; Great Expectations
itself is met in `translation.py` and `data_docs.py` only and imported when a check is run.
Not here: keys, grain and derivations (dbt), statistical preconditions (`analyses`), and what a
failed check stops (`orchestration`).
"""

from expectations.catalogue import catalogue
from expectations.data_docs import write_data_docs
from expectations.errors import ExpectationsError
from expectations.outcome import CheckOutcome
from expectations.spec import CheckSpec, Suite
from expectations.validation import by_source, validate

__all__ = [
    "CheckOutcome",
    "CheckSpec",
    "ExpectationsError",
    "Suite",
    "by_source",
    "catalogue",
    "validate",
    "write_data_docs",
]
