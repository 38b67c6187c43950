"""The exception of this package. Its text is a sentence for the user, free of patients' values."""


class ExpectationsError(Exception):
    """Checks cannot be run: the sentence says what is missing, where, and what to do."""
