"""The errors a user of ingestion may meet; no reading, no checking.

Each message is one sentence that says what is wrong, where, and what to do. It holds file names,
column names, row numbers and counts, never a value that was delivered.
"""

from __future__ import annotations


class IngestionError(Exception):
    """Base of every error raised here; `str(error)` is the sentence for the user."""


class ContractError(IngestionError):
    """A contract file breaks the schema of contracts: the message names file, line and key."""


class DeliveryError(IngestionError):
    """The landing folder, or a delivery in it, cannot be used at all."""


class KeyFileError(IngestionError):
    """The pseudonym key is missing, unsafe, unreadable or not the one the home was made with."""


class RowsLostError(IngestionError):
    """Rows were lost between reading and writing: nothing of the delivery is loaded."""


class UnreadableFileError(IngestionError):
    """One delivered file cannot be read; the delivery is rejected and the others go on."""
