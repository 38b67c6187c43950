"""The error every analysis raises when its input has no meaning. No analysis lives here."""


class AnalysisError(ValueError):
    """Input an analysis cannot give a defined result for.

    The message is one sentence for the user: the column, the number of rows and the remedy.
    It never holds a value of a row.
    """


def rows(count: int) -> str:
    """`1 row`, `2 rows`: the number of rows as every message writes it."""
    return f"{count} row" if count == 1 else f"{count} rows"
